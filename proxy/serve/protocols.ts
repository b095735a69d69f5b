import { serveHttp1 } from './http1.ts';
import { serveHttp2 } from './http2.ts';
import type { Protocols } from './serving.ts';
import { serveTunnel } from './tunnel.ts';

/** The table of protocols: HTTP is taken apart into requests, all else is passed on as it is. */
export const protocols: Protocols = {
  http1: serveHttp1,
  http2: serveHttp2,
  tls: serveTunnel,
  opaque: serveTunnel,
};
