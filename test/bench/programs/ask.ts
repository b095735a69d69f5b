import net from 'node:net';
import { hostileRequests } from './hostileRequests.ts';

// Sends a request so often, each on a connection of its own, four at a time: ask.ts <address> <port> <kind> <hostile|normal> <count>.
// The normal one is a POST of the same size in pieces of the same size.
const [address = '', port, kind = '', variant, count] = process.argv.slice(2);
const hostile = hostileRequests[kind] ?? [];
const pieces = variant === 'hostile' ? hostile : likePieces(hostile);
const atATime = 4;

function likePieces(sizes: readonly string[]): readonly string[] {
  const total = sizes.reduce((sum, { length }) => sum + length, 0);
  const begin = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ';
  const bodyBytes = Math.max(0, total - begin.length - 10);
  let text = `${begin}${bodyBytes}\r\n\r\n${'a'.repeat(bodyBytes)}`;
  return sizes.map(({ length }, at) => {
    const piece = at === sizes.length - 1 ? text : text.slice(0, length);
    text = text.slice(length);
    return piece;
  });
}

function ask(): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port: Number(port), noDelay: true });
    let at = 0;
    const next = (): void => {
      const piece = pieces[at++];
      if (socket.destroyed) return;
      if (piece === undefined) socket.end();
      else socket.write(piece, () => setImmediate(next));
    };
    socket.on('connect', next);
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => resolve());
    socket.resume();
  });
}

let left = Number(count);
await Promise.all(
  Array.from({ length: atATime }, async () => {
    while (left-- > 0) await ask();
  }),
);
console.log('asked');
process.exit(0);
