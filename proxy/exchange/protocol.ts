import type { RequestHead } from '../message/head.ts';
import { isTunnelable } from './upgrade.ts';
import type { ForwardProtocol, UpstreamProtocol } from '../upstream/connections.ts';

/**
 * In which protocol a request is sent. As it came in, where nothing else is said; what asks to upgrade in HTTP/1.1 where
 * HTTP/2 has nothing for it; and gRPC in HTTP/2, outside of which there is none, whatever is said.
 */
export function protocolFor(forward: ForwardProtocol, head: RequestHead): UpstreamProtocol {
  const { version, upgrade, isRPC } = head;
  if (version !== '2.0') return forward === 'http2' && (upgrade === '' || isTunnelable(head)) ? 'http2' : 'http1';
  return forward !== 'http1' || isRPC ? 'http2' : 'http1';
}
