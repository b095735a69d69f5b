import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { UpgradeRequest } from './api.ts';
import type { Exchange } from './request.ts';

/** What a server has to answer to a key (RFC 6455 section 4.2.2). */
const suffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The connection of a WebSocket that the API server has agreed to; frames are the caller's. Rejects where it does not. */
export async function requestUpgrade(exchange: Exchange, request: UpgradeRequest): Promise<Duplex> {
  const key = randomBytes(16).toString('base64');
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
  const wanted = createHash('sha1').update(`${key}${suffix}`).digest('base64');
  if (headers['sec-websocket-accept'] === wanted && headers['sec-websocket-protocol'] === request.subprotocol)
    return socket;
  socket.destroy();
  throw new Error(`GET ${request.path}: the API server agreed to another protocol than ${request.subprotocol}`);
}

function queryOf(query: UpgradeRequest['query'] = {}): string {
  const entries = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
}
