import { newWebSocketKey, webSocketAccept } from '../../runtime/webSocketKey.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import type { Refusal } from '../message/refusal.ts';
import { isHttp, isWebSocket } from '../message/upgrades.ts';
import { http2Refusals } from './refusals.ts';

/**
 * Makes of a request for a tunnel (RFC 8441) the one that HTTP/1.1 has for it, so that routes, filters and endpoints of either
 * protocol see the same: a GET with Upgrade, and with a key where it is for a WebSocket. Or why it must not pass.
 */
export function becomeUpgrade(head: RequestHead, protocol: string): Refusal | undefined {
  if (isHttp(protocol)) return http2Refusals.tunnelledHttp;
  const { headers } = head;
  head.method = 'GET';
  head.upgrade = protocol;
  head.isRPC = false;
  headers.append('Upgrade', protocol, 'upgrade');
  if (!isWebSocket(protocol)) return undefined;
  headers.remove('sec-websocket-key');
  headers.append('Sec-WebSocket-Key', newWebSocketKey(), 'sec-websocket-key');
  return undefined;
}

/** What of a request has to be known when its endpoint switches. */
export type RequestedUpgrade = { readonly protocol: string; readonly key: string | undefined };

export function requestedUpgrade({ upgrade, headers }: RequestHead): RequestedUpgrade {
  return { protocol: upgrade, key: isWebSocket(upgrade) ? headers.get('sec-websocket-key') : undefined };
}

/** The other way: of a response that begins a tunnel the one that HTTP/1.1 has for it. */
export function becomeSwitch(head: ResponseHead, { protocol, key }: RequestedUpgrade): void {
  const { headers } = head;
  head.status = 101;
  head.bodyLength = -1;
  headers.append('Upgrade', protocol, 'upgrade');
  headers.remove('sec-websocket-accept');
  if (key !== undefined) headers.append('Sec-WebSocket-Accept', webSocketAccept(key), 'sec-websocket-accept');
}
