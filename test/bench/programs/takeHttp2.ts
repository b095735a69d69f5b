import { connect } from 'node:net';
import { firstWindow, flags, frameTypes, preface } from '../../../proxy/http2/protocol.ts';
import { frame } from '../../proxy/http2/raw.ts';
import { acknowledged, type Frame, Frames, headerBlock, settings, windowUpdate } from './http2Frames.ts';
import { fail, finish } from './outcome.ts';

// The load of the HTTP/2 streaming row: takeHttp2.ts <address> <port> <connections> <seconds>. Each connection asks for one stream
// after the other, with windows as large as clients of gRPC let theirs grow, then it prints how many bytes came.
const [address = '', port, connections, seconds] = process.argv.slice(2);
const windowBytes = 16_777_216;
const buffer = Buffer.allocUnsafeSlow(262_144);
const block = headerBlock([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/bench.Files/Read'],
  [':authority', 'svc.local'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
]);
let bytes = 0;

for (let i = 0; i < Number(connections); i++) open();

function open(): void {
  let id = -1;
  let owed = 0;
  const ask = (): void => {
    id += 2;
    socket.write(frame(frameTypes.headers, flags.endHeaders | flags.endStream, id, block));
  };
  const onFrame = (one: Frame): void => {
    const { type, flag, length } = one;
    const answer = acknowledged(one);
    if (answer !== undefined) socket.write(answer);
    if (type === frameTypes.rstStream || type === frameTypes.goaway) fail(`a frame of type ${type} came`);
    if (type !== frameTypes.data && type !== frameTypes.headers) return;
    const isLast = (flag & flags.endStream) !== 0;
    if (type === frameTypes.data) {
      bytes += length;
      owed += length;
    } else if (isLast && bytes === 0) fail('it was refused');
    if (owed > 0 && (isLast || owed * 4 > windowBytes)) {
      socket.write(Buffer.concat([windowUpdate(0, owed), ...(isLast ? [] : [windowUpdate(id, owed)])]));
      owed = 0;
    }
    if (isLast) ask();
  };
  const reader = new Frames(0, onFrame);
  const callback = (length: number): boolean => {
    reader.read(buffer, length);
    return true;
  };
  const socket = connect({ host: address, port: Number(port), noDelay: true, onread: { buffer, callback } });
  socket.on('error', (error) => fail(error.message));
  socket.on('end', () => fail('the connection ended early'));
  socket.write(Buffer.concat([preface, settings(windowBytes), windowUpdate(0, windowBytes - firstWindow)]));
  ask();
}

setTimeout(() => finish(String(bytes)), Number(seconds) * 1000);
