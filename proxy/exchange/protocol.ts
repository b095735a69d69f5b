import type { RequestHead } from '../message/head.ts';
import type { ForwardProtocol, UpstreamProtocol } from '../upstream/connections.ts';

/**
 * In which protocol a request is sent. As it came in, where nothing else is said; what asks to upgrade in HTTP/1.1, which
 * alone has that; and gRPC in HTTP/2, outside of which there is none, whatever is said.
 */
export function protocolFor(forward: ForwardProtocol, { version, upgrade, isRPC }: RequestHead): UpstreamProtocol {
  if (version !== '2.0') return forward === 'http2' && upgrade === '' ? 'http2' : 'http1';
  return forward !== 'http1' || isRPC ? 'http2' : 'http1';
}
