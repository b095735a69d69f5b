import type { Duplex } from 'node:stream';
import { newWebSocketKey, webSocketAccept } from '../runtime/webSocketKey.ts';
import type { UpgradeRequest } from './api.ts';
import type { Exchange } from './request.ts';

/** The connection of a WebSocket that the API server has agreed to; frames are the caller's. Rejects where it does not. */
export async function requestUpgrade(exchange: Exchange, request: UpgradeRequest): Promise<Duplex> {
  const key = newWebSocketKey();
  const { headers, socket } = await exchange.pool.upgrade({
    path: `${exchange.basePath}${request.path}${queryOf(request.query)}`,
    protocol: 'websocket',
    headers: {
      'user-agent': exchange.userAgent,
      'sec-websocket-key': key,
      'sec-websocket-version': '13',
      'sec-websocket-protocol': request.subprotocol,
      ...(await exchange.credentials.headers('accepted')),
    },
    signal: request.signal ?? null,
  });
  const isAgreed = headers['sec-websocket-protocol'] === request.subprotocol;
  if (isAgreed && headers['sec-websocket-accept'] === webSocketAccept(key)) return socket;
  socket.destroy();
  throw new Error(`GET ${request.path}: the API server agreed to another protocol than ${request.subprotocol}`);
}

function queryOf(query: UpgradeRequest['query'] = {}): string {
  const entries = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
}
