import type { Socket } from 'node:net';

/** What a hostile client of one kind sends to whom: to a Service that answers, or to a backend that never does. */
export type Flood = { readonly to: 'service' | 'stuck'; readonly attack: (socket: Socket) => void };

const head = (line: string): string => `${line} HTTP/1.1\r\nHost: x\r\n`;

function trickle(socket: Socket, piece: string, times: number): void {
  let left = times;
  const next = (): void => {
    if (left-- > 0 && !socket.destroyed) socket.write(piece, () => setImmediate(next));
  };
  next();
}

/** The kinds of floods, by what they have the proxy hold. */
export const floods: Readonly<Record<string, Flood>> = {
  silent: { to: 'service', attack: () => undefined },
  unfinishedHead: { to: 'service', attack: (socket) => void socket.write(`${head('GET /')}X: ${'a'.repeat(60_000)}`) },
  manyFields: { to: 'service', attack: (socket) => void socket.write(head('GET /') + 'a:\r\n'.repeat(16_200)) },
  trickledHead: {
    to: 'service',
    attack: (socket) => {
      socket.write(`${head('GET /')}X: `);
      trickle(socket, 'a'.repeat(16), 3000);
    },
  },
  oneByteChunks: {
    to: 'stuck',
    attack: (socket) =>
      void socket.write(`${head('POST /')}Transfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(11_000)}`),
  },
  connectionOptions: {
    to: 'stuck',
    attack: (socket) => void socket.write(`${head('GET /')}Connection: ${'b,'.repeat(15_000)}b\r\n\r\n`),
  },
  pipelined: {
    to: 'stuck',
    attack: (socket) => void socket.write(`${head('GET /')}\r\n`.repeat(2500)),
  },
  slowReader: {
    to: 'service',
    attack: (socket) => {
      socket.pause();
      socket.write(`${head('GET /service-25/items/42')}\r\n`.repeat(1200));
    },
  },
  body: {
    to: 'stuck',
    attack: (socket) => {
      socket.write(`${head('POST /')}Content-Length: 10000000\r\n\r\n`);
      socket.write(Buffer.alloc(1_000_000));
    },
  },
};
