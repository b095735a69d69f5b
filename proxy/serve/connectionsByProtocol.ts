import { Http1Pool } from '../http1/pool.ts';
import { Http2Pool } from '../http2/pool.ts';
import type { ConnectionLimits, ConnectionsByProtocol } from '../upstream/connections.ts';

/** The upstream protocols that are spoken here: a new one is an entry of this table. */
export function connectionsByProtocol(limits: ConnectionLimits): ConnectionsByProtocol {
  return {
    http1: (dial, places) => new Http1Pool(dial, places, limits),
    http2: (dial, places) => new Http2Pool(dial, places, limits),
  };
}
