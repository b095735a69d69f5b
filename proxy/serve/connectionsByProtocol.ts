import { Http1Pool } from '../http1/pool.ts';
import { Http2Pool } from '../http2/pool.ts';
import type { ConnectionLimits, ConnectionsByProtocol } from '../upstream/connections.ts';

/** The upstream protocols that are spoken here: a new one is an entry of this table. */
export function connectionsByProtocol(limits: ConnectionLimits): ConnectionsByProtocol {
  return { http1: (dial) => new Http1Pool(dial, limits), http2: (dial) => new Http2Pool(dial, limits) };
}
