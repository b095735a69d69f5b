import type { Spoken } from '../detect/detect.ts';
import { serveHttp1 } from './http1.ts';
import type { ServeProtocol } from './serving.ts';
import { serveTunnel } from './tunnel.ts';

/** How a connection is served, by what is spoken on it. */
export type Protocols = Readonly<Record<Spoken, ServeProtocol>>;

/** What is taken apart into requests, and what is passed on as it is. */
export const protocols: Protocols = {
  http1: serveHttp1,
  http2: serveTunnel,
  tls: serveTunnel,
  opaque: serveTunnel,
};
