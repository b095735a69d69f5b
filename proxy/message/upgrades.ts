import { createHash, randomBytes } from 'node:crypto';

// After these what follows would be HTTP again, whose requests no route would see.
const http = /^(?:h2c?|https?)(?:$|[/\s])/i;

/** Whether this is what a client must not upgrade to past the routes. */
export function isHttp(protocol: string): boolean {
  return http.test(protocol);
}

export function isWebSocket(protocol: string): boolean {
  return protocol.toLowerCase() === 'websocket';
}

/** A Sec-WebSocket-Key for a handshake of ours (RFC 6455 section 4.1). */
export function newWebSocketKey(): string {
  return randomBytes(16).toString('base64');
}

/** The Sec-WebSocket-Accept that answers it (RFC 6455 section 4.2.2). */
export function webSocketAccept(key: string): string {
  return createHash('sha1').update(`${key.trim()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
