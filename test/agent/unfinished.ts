import http2 from 'node:http2';
import { connect, type Socket } from 'node:net';
import { deltaAggregatedResources } from '../../routing/wire/delta.ts';
import { data, endHeaders, frame, headers, literal, start, zeros } from '../proxy/http2/raw.ts';

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
  socket.write(start);
  for (const stream of [1, 3]) openStream(socket, stream, 30_000);
  return { destroy: () => socket.destroy(), whenClosed: (then) => void socket.once('close', then) };
}

function openStream(socket: Socket, stream: number, frames: number): void {
  const block = Object.entries(fields).map(([name, value]) => literal(name, value));
  socket.write(frame(headers, endHeaders, stream, Buffer.concat(block)));
  socket.write(frame(data, 0, stream, prefix));
  const one = frame(data, 0, stream, zeros(1));
  socket.write(Buffer.concat(Array.from({ length: frames }, () => one)));
}
