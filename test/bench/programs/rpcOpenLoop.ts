import { connect, createServer, type Socket } from 'node:net';
import { flags, frameTypes, preface } from '../../../proxy/http2/protocol.ts';
import { grpcMessage } from '../../grpcMessage.ts';
import { frame } from '../../proxy/http2/raw.ts';
import { EvenLoad } from './evenLoad.ts';
import { acknowledged, type Frame, Frames, headerBlock, settings, windowUpdate } from './http2Frames.ts';
import { fail } from './outcome.ts';

// The load of the row of RPCs, and its server, which is in this process as that of openLoop.ts:
// rpcOpenLoop.ts <address> <port> <own port> <rate> <seconds>.
const [address = '', port, ownPort, rate, seconds] = process.argv.slice(2);
const connections = 4;
const load = new EvenLoad(Number(rate), Number(seconds));
const lastFrame = flags.endStream;
const largeWindow = 1_073_741_824;
const requestBlock = headerBlock([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/bench.Cart/Get'],
  [':authority', 'svc.local'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
  ['user-agent', 'grpc-node/1.14'],
]);
const responseBlock = headerBlock([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);
const trailersBlock = headerBlock([['grpc-status', '0']]);
const request = grpcMessage(Buffer.alloc(200, 'x'));
const response = grpcMessage(Buffer.alloc(1024, 'x'));
const callers: Caller[] = [];

type Caller = (at: number) => void;

/** Both sides open the window of the connection once for all; a stream carries less than its own. */
const begin = Buffer.concat([settings(), windowUpdate(0, largeWindow)]);

createServer({ noDelay: true }, (socket) => {
  const reader = new Frames(preface.length, (one) => {
    const { type, flag, id } = one;
    if (type === frameTypes.data && (flag & flags.endStream) !== 0)
      socket.write(
        Buffer.concat([
          frame(frameTypes.headers, flags.endHeaders, id, responseBlock),
          frame(frameTypes.data, flags.none, id, response),
          frame(frameTypes.headers, flags.endHeaders | lastFrame, id, trailersBlock),
        ]),
      );
    else acknowledge(socket, one);
  });
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => reader.read(bytes));
  socket.write(begin);
}).listen(Number(ownPort), '0.0.0.0', () => {
  for (let i = 0; i < connections; i++) open();
});

function acknowledge(socket: Socket, one: Frame): void {
  const answer = acknowledged(one);
  if (answer !== undefined) socket.write(answer);
}

function open(): void {
  const socket = connect({ host: address, port: Number(port), noDelay: true });
  /** Of each stream that is under way: which RPC it is, and how much of a response has come. */
  const under = new Map<number, { readonly at: number; bytes: number }>();
  let id = -1;
  const reader = new Frames(0, (one) => {
    const { type, flag, length } = one;
    if (type === frameTypes.rstStream || type === frameTypes.goaway) fail(`a frame of type ${type} came`);
    acknowledge(socket, one);
    const rpc = type === frameTypes.data || type === frameTypes.headers ? under.get(one.id) : undefined;
    if (rpc === undefined) return;
    if (type === frameTypes.data) rpc.bytes += length;
    if ((flag & lastFrame) === 0) return;
    under.delete(one.id);
    if (rpc.bytes !== response.length) fail(`an RPC was answered with ${rpc.bytes} bytes`);
    load.noteAnswer(rpc.at);
  });
  socket.on('connect', () => {
    socket.write(Buffer.concat([preface, begin]));
    callers.push((at) => {
      id += 2;
      under.set(id, { at, bytes: 0 });
      socket.write(
        Buffer.concat([
          frame(frameTypes.headers, flags.endHeaders, id, requestBlock),
          frame(frameTypes.data, lastFrame, id, request),
        ]),
      );
    });
    if (callers.length === connections) load.run((at) => callers[at % connections]?.(at));
  });
  socket.on('error', (error) => fail(error.message));
  socket.on('end', () => fail('the connection ended early'));
  socket.on('data', (bytes: Buffer) => reader.read(bytes));
}
