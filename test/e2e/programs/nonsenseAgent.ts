import { type Http2Session, type ServerHttp2Stream, createServer as createHttp2Server } from 'node:http2';
import { type Socket, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { grpcMessage } from '../../grpcMessage.ts';
import type { Kind, Response, Talk } from '../faults/kinds.ts';
import { allKinds, everyNth } from '../faults/nonsense.ts';

/**
 * `node nonsenseAgent.ts <number of kinds>`: listens where agents do and tells each sidecar that many kinds of nonsense, one
 * after the other, over as many streams as it takes. For each kind it prints `<address> <kind>: <what the sidecar did>`, and
 * `<address> heard all` in the end; then it only listens.
 */
const kinds = everyNth(allKinds, Number(process.argv[2]));
const told = new Map<string, number>();
// Longer than any sidecar takes to answer; it ends sooner when the answer comes.
const patienceMs = 30_000;

const http2 = createHttp2Server({ maxSendHeaderBlockLength: 1_000_000 });
http2.on(
  'stream',
  (stream) =>
    void serve(stream as ServerHttp2Stream).catch((error: unknown) => console.log(`the test fails: ${String(error)}`)),
);
http2.on('sessionError', () => undefined);
http2.on('session', (session: Http2Session) => session.on('error', () => undefined));
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  const peer = peerOf(socket);
  const next = nextKind(peer);
  if (next?.type === 'connection') void refuse(socket, next);
  else http2.emit('connection', socket);
});
server.listen(15_010, '::', () => console.log('listening'));

async function refuse(socket: Socket, kind: Extract<Kind, { type: 'connection' }>): Promise<void> {
  const peer = peerOf(socket);
  await kind.to(socket);
  done(peer, kind, 'lost it');
}

async function serve(stream: ServerHttp2Stream): Promise<void> {
  stream.on('error', () => undefined);
  const peer = peerOf(stream.session?.socket);
  const first = nextKind(peer);
  if (first?.type === 'stream' && first.when === 'instead') {
    await first.to(stream);
    await ended(stream);
    return done(peer, first, 'came again');
  }
  if (first?.type === 'connection') {
    stream.session?.destroy();
    return;
  }
  const wire = listen(stream);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: false });
  await wire.until(() => wire.requests.length > 0);
  for (let kind = nextKind(peer); kind?.type === 'message' && !stream.closed; kind = nextKind(peer)) {
    const nonce = await kind.to(wire.talk);
    const isAnswered = await wire.until(() => wire.requests.some(({ responseNonce }) => responseNonce === nonce));
    const answer = wire.requests.findLast(({ responseNonce }) => responseNonce === nonce);
    done(
      peer,
      kind,
      isAnswered ? (answer?.errorDetail === undefined ? 'ACK' : 'NACK') : stream.closed ? 'hung up' : 'SILENT',
    );
  }
  const last = nextKind(peer);
  if (last === undefined || stream.closed) return;
  if (last.type === 'stream' && last.when === 'behind') {
    await last.to(stream);
    await ended(stream);
    return done(peer, last, 'came again');
  }
  stream.session?.destroy();
}

/** Reads the requests of a stream, and answers on it. */
function listen(stream: ServerHttp2Stream) {
  const requests: DeltaDiscoveryRequest[] = [];
  const names = new Map<string, Set<string>>();
  let wake: (() => void) | undefined;
  let buffer = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    buffer = Buffer.concat([buffer, bytes]);
    while (buffer.length >= 5 && buffer.length >= 5 + buffer.readUInt32BE(1)) {
      const end = 5 + buffer.readUInt32BE(1);
      const request = fromBinary(DeltaDiscoveryRequestSchema, buffer.subarray(5, end));
      buffer = buffer.subarray(end);
      requests.push(request);
      const wanted = names.get(request.typeUrl) ?? new Set();
      names.set(request.typeUrl, wanted);
      for (const name of request.resourceNamesSubscribe) wanted.add(name);
      for (const name of request.resourceNamesUnsubscribe) wanted.delete(name);
    }
    wake?.();
  });
  stream.on('close', () => wake?.());
  const write = (bytes: Uint8Array): void => {
    if (!stream.closed && stream.writable) stream.write(bytes);
  };
  const talk: Talk = {
    write,
    names: (typeUrl) => [...(names.get(typeUrl) ?? [])],
    respond: (response: Response) =>
      write(grpcMessage(toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, response)))),
  };
  /** False where the stream ends or nothing comes. */
  async function until(holds: () => boolean): Promise<boolean> {
    const deadline = Date.now() + patienceMs;
    while (!holds()) {
      if (stream.closed || Date.now() > deadline) return false;
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), sleep(100)]);
    }
    return true;
  }
  return { requests, talk, until };
}

async function ended(stream: ServerHttp2Stream): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!stream.closed && !stream.destroyed && Date.now() < deadline) await sleep(10);
  stream.session?.destroy();
}

function nextKind(peer: string): Kind | undefined {
  return kinds[told.get(peer) ?? 0];
}

function done(peer: string, kind: Kind, how: string): void {
  const at = told.get(peer) ?? 0;
  if (kinds[at] !== kind) return;
  told.set(peer, at + 1);
  console.log(`${peer} ${kind.name}: ${how}`);
  if (at + 1 === kinds.length) console.log(`${peer} heard all`);
}

function peerOf(socket: Pick<Socket, 'remoteAddress'> | undefined): string {
  return (socket?.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}
