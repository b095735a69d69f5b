import { createServer, type Socket } from 'node:net';
import { firstWindow, flags, frameHeadBytes, frameTypes, preface } from '../../../proxy/http2/protocol.ts';
import { frame } from '../../proxy/http2/raw.ts';
import { settings, windowUpdate } from './http2Frames.ts';

// The backend of the HTTP/2 rows: answers every request with 1 KB as soon as it has ended. It reads frames, not their heads,
// and keeps to the window of the connection alone: those of streams are larger than its answers.
const [port] = process.argv.slice(2);
const size = 1024;
// What it lets its client send at first, and when it lets it send as much again.
const windowBytes = 1_073_741_824;

const fields: readonly (readonly [number, string])[] = [
  [54, 'backend'],
  [33, 'Sat, 21 Nov 2026 10:00:00 GMT'],
  [31, 'text/plain'],
  [28, `${size}`],
];
const status200 = 0x88;
// As most servers do it: the first answer of a connection puts its fields into the table, the others refer to them.
const firstBlock = Buffer.concat([
  Buffer.of(status200),
  ...fields.map(([name, value]) => Buffer.concat([Buffer.of(0x40 | name, value.length), Buffer.from(value)])),
]);
const laterBlock = Buffer.of(status200, ...fields.map((_, index) => 0x80 | (62 + fields.length - 1 - index)));

function answer(block: Buffer): Buffer {
  return Buffer.concat([
    frame(frameTypes.headers, flags.endHeaders, 0, block),
    frame(frameTypes.data, flags.endStream, 0, Buffer.alloc(size, 'x')),
  ]);
}
const first = answer(firstBlock);
const later = answer(laterBlock);

class Peer {
  private rest = Buffer.alloc(0);
  private skip = preface.length;
  private window = firstWindow;
  private received = 0;
  private answered = false;
  private readonly waiting: number[] = [];
  private out: Buffer[] = [];
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => this.onBytes(bytes as Buffer));
    socket.write(Buffer.concat([settings(), windowUpdate(0, windowBytes)]));
  }

  private onBytes(bytes: Buffer): void {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let at = Math.min(this.skip, all.length);
    this.skip -= at;
    while (all.length - at >= frameHeadBytes) {
      const length = all.readUIntBE(at, 3);
      if (all.length - at < frameHeadBytes + length) break;
      this.onFrame(all, at, length);
      at += frameHeadBytes + length;
    }
    this.rest = at === all.length ? Buffer.alloc(0) : Buffer.from(all.subarray(at));
    if (this.out.length > 0) this.socket.write(this.out.length === 1 ? (this.out[0] ?? '') : Buffer.concat(this.out));
    this.out = [];
  }

  private onFrame(all: Buffer, at: number, length: number): void {
    const type = all[at + 3];
    const flag = all[at + 4] ?? 0;
    const stream = all.readUInt32BE(at + 5) & 0x7fff_ffff;
    if (type === frameTypes.settings && (flag & flags.ack) === 0)
      this.out.push(frame(frameTypes.settings, flags.ack, 0));
    else if (type === frameTypes.ping && (flag & flags.ack) === 0)
      this.out.push(frame(frameTypes.ping, flags.ack, 0, Buffer.from(all.subarray(at + 9, at + 9 + length))));
    else if (type === frameTypes.windowUpdate && stream === 0) this.grow(all.readUInt32BE(at + 9));
    if (type === frameTypes.data) this.receive(length);
    if ((type === frameTypes.data || type === frameTypes.headers) && (flag & flags.endStream) !== 0)
      this.respond(stream);
  }

  private receive(length: number): void {
    this.received += length;
    if (this.received < windowBytes / 2) return;
    this.out.push(windowUpdate(0, this.received));
    this.received = 0;
  }

  private grow(bytes: number): void {
    this.window += bytes;
    while (this.waiting.length > 0 && this.window >= size) this.respond(this.waiting.shift() ?? 0);
  }

  private respond(stream: number): void {
    if (this.window < size) {
      this.waiting.push(stream);
      return;
    }
    this.window -= size;
    const bytes = Buffer.from(this.answered ? later : first);
    bytes.writeUInt32BE(stream, 5);
    bytes.writeUInt32BE(stream, bytes.length - size - 4);
    this.answered = true;
    this.out.push(bytes);
  }
}

createServer({ noDelay: true }, (socket) => void new Peer(socket)).listen(
  { port: Number(port), host: '0.0.0.0', backlog: 4096 },
  () => console.log('listening'),
);
