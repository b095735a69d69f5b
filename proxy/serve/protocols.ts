import { serveHttp1 } from './http1.ts';
import type { Protocols } from './serving.ts';
import { serveTunnel } from './tunnel.ts';

/** The table of protocols: HTTP/1.1 is taken apart into requests, all else is passed on as it is. */
export const protocols: Protocols = {
  http1: serveHttp1,
  http2: serveTunnel,
  tls: serveTunnel,
  opaque: serveTunnel,
};
