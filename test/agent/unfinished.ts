import http2 from 'node:http2';
import { connect, type Socket } from 'node:net';
import { deltaAggregatedResources } from '../../routing/wire/delta.ts';

/** Where a hostile client connects, and from which address of its own. */
export type Way = { readonly port: number; readonly localAddress: string };

/** The client's end of a connection: `whenClosed` is called once, when the agent has cut it or it has failed. */
export type Hostile = { destroy(): void; whenClosed(then: () => void): void };

const length = 3 * 1024 * 1024;
const prefix = Buffer.from([0, length >> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]);
const fields = {
  ':method': 'POST',
  ':scheme': 'http',
  ':authority': 'agent',
  ':path': deltaAggregatedResources.path,
  'content-type': 'application/grpc',
  te: 'trailers',
};

/** Two streams, each with all but the last byte of a message as long as may be. */
export function sendLongMessages({ port, localAddress }: Way): Hostile {
  const session = http2.connect(`http://127.0.0.1:${port}`, {
    createConnection: () => connect({ host: '127.0.0.1', port, localAddress }),
  });
  session.on('error', () => undefined);
  for (let turn = 0; turn < 2; turn += 1) {
    const stream = session.request(fields);
    stream.on('error', () => undefined);
    stream.resume();
    stream.write(prefix);
    stream.write(Buffer.alloc(length - 1));
  }
  return { destroy: () => session.destroy(), whenClosed: (then) => void session.once('close', then) };
}

/** Two streams, each with a window full of a message in frames of one byte: what an agent makes of each is many times as much. */
export function sendShortFrames({ port, localAddress }: Way): Hostile {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => undefined);
  socket.resume();
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(4, 0, 0, Buffer.alloc(0)));
  for (const stream of [1, 3]) openStream(socket, stream, 30_000);
  return { destroy: () => socket.destroy(), whenClosed: (then) => void socket.once('close', then) };
}

function openStream(socket: Socket, stream: number, frames: number): void {
  socket.write(frame(1, 4, stream, Buffer.concat(Object.entries(fields).map(encodeField))));
  socket.write(frame(0, 0, stream, prefix));
  const one = frame(0, 0, stream, Buffer.alloc(1));
  socket.write(Buffer.concat(Array.from({ length: frames }, () => one)));
}

/** A frame of HTTP/2, RFC 9113 section 4.1. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A literal field without indexing and without Huffman coding, RFC 7541 section 6.2.2; texts of less than 127 bytes. */
function encodeField([name, value]: readonly [string, string]): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}
