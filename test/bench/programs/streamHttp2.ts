import { createServer, type Socket } from 'node:net';
import { firstWindow, flags, frameHeadBytes, frameTypes, preface } from '../../../proxy/http2/protocol.ts';
import { settingIds } from '../../../proxy/http2/settings.ts';
import { frame } from '../../proxy/http2/raw.ts';
import { acknowledged, type Frame, Frames, headerBlock, settings } from './http2Frames.ts';

// The backend of the HTTP/2 streaming row: streamHttp2.ts <port> <bytes>. Answers each request with so many bytes, in frames of
// 16 KB, as fast as the windows of its client allow; one request of a connection at a time.
const [port, bytes] = process.argv.slice(2);
const frameBytes = 16_384;
const framesAtOnce = 16;
const head = headerBlock([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);
const trailers = headerBlock([['grpc-status', '0']]);
const lastBlock = flags.endHeaders | flags.endStream;

class Peer {
  private window = firstWindow;
  private initialWindow = firstWindow;
  private streamWindow = firstWindow;
  private id = 0;
  private left = 0;
  private full = false;
  /** As many frames as are written at once. */
  private frames = Buffer.alloc(0);
  private readonly reader = new Frames(preface.length, (one) => this.onFrame(one));
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', (read) => this.reader.read(read as Buffer));
    socket.on('drain', () => {
      this.full = false;
      this.pump();
    });
    socket.write(settings());
  }

  private onFrame(one: Frame): void {
    const { type, flag, id, payload } = one;
    const answer = acknowledged(one);
    if (answer !== undefined) this.socket.write(answer);
    if (type === frameTypes.settings && (flag & flags.ack) === 0) this.apply(payload);
    else if (type === frameTypes.windowUpdate) this.grow(id, payload.readUInt32BE());
    else if (type === frameTypes.rstStream) this.left = 0;
    else if (type === frameTypes.headers) this.begin(id);
  }

  private apply(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6)
      if (payload.readUInt16BE(at) === settingIds.initialWindowSize) this.initialWindow = payload.readUInt32BE(at + 2);
  }

  private grow(id: number, more: number): void {
    if (id === 0) this.window += more;
    else if (id === this.id) this.streamWindow += more;
    this.pump();
  }

  private begin(id: number): void {
    this.id = id;
    this.left = Number(bytes);
    this.streamWindow = this.initialWindow;
    const one = frame(frameTypes.data, flags.none, id, Buffer.alloc(frameBytes, 'x'));
    this.frames = Buffer.concat(Array.from({ length: framesAtOnce }, () => one));
    this.socket.write(frame(frameTypes.headers, flags.endHeaders, id, head));
    this.pump();
  }

  private pump(): void {
    while (this.left > 0 && !this.full) {
      const most = Math.min(this.window, this.streamWindow, this.left, frameBytes * framesAtOnce);
      const count = Math.floor(most / frameBytes);
      if (count === 0) return;
      this.window -= count * frameBytes;
      this.streamWindow -= count * frameBytes;
      this.left -= count * frameBytes;
      this.full = !this.socket.write(this.frames.subarray(0, count * (frameHeadBytes + frameBytes)));
      if (this.left === 0) this.socket.write(frame(frameTypes.headers, lastBlock, this.id, trailers));
    }
  }
}

createServer({ noDelay: true }, (socket) => void new Peer(socket)).listen(
  { port: Number(port), host: '0.0.0.0', backlog: 4096 },
  () => console.log('listening'),
);
