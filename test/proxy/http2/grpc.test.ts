import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  makeGenericClientConstructor,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { setUp } from '../harness.ts';

const same = { serialize: (value: Buffer): Buffer => value, deserialize: (bytes: Buffer): Buffer => bytes };
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: same.serialize,
  requestDeserialize: same.deserialize,
  responseSerialize: same.serialize,
  responseDeserialize: same.deserialize,
});
const service: ServiceDefinition = {
  unary: method('Unary', false, false),
  server: method('Server', false, true),
  client: method('Client', true, false),
  bidi: method('Bidi', true, true),
};

const unary: handleUnaryCall<Buffer, Buffer> = (call, done) => {
  const text = call.request.toString();
  if (text === 'fail') return done({ code: status.NOT_FOUND, details: 'no such thing' });
  if (text === 'hang') return undefined;
  const trailers = new Metadata();
  trailers.set('x-trailer', 'yes');
  return done(null, call.request, trailers);
};
const server: handleServerStreamingCall<Buffer, Buffer> = (call) => {
  for (let at = 0; at < 100; at++) call.write(Buffer.from(`${at}`));
  call.end();
};
const client: handleClientStreamingCall<Buffer, Buffer> = (call, done) => {
  let sum = 0;
  call.on('data', (data) => {
    sum += (data as Buffer).length;
  });
  call.on('end', () => done(null, Buffer.from(String(sum))));
};
const bidi: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
  call.on('data', (data) => call.write(data as Buffer));
  call.on('end', () => call.end());
};

type Client = {
  unary(
    request: Buffer,
    options: { deadline?: number },
    done: (error: ServiceError | null, answer?: Buffer) => void,
  ): ClientUnaryCall;
  server(request: Buffer): ClientReadableStream<Buffer>;
  client(done: (error: ServiceError | null, answer?: Buffer) => void): ClientWritableStream<Buffer>;
  bidi(): ClientDuplexStream<Buffer, Buffer>;
  close(): void;
};

async function setUpGrpc(t: ExecutionContext) {
  const grpc = new Server({ 'grpc.max_receive_message_length': -1 });
  grpc.addService(service, { unary, server, client, bidi });
  const port = await new Promise<number>((resolve, reject) =>
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  t.teardown(() => grpc.forceShutdown());
  const sidecar = setUp(t);
  const through = await sidecar.straight(port);
  const Constructor = makeGenericClientConstructor(service, 'Echo');
  const made = new Constructor(`127.0.0.1:${through}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  t.teardown(() => made.close());
  const ask = (text: string | Buffer, options = {}): Promise<Buffer | ServiceError> =>
    new Promise((resolve) => {
      (made as unknown as Client).unary(Buffer.from(text), options, (error, answer) =>
        resolve(error ?? answer ?? Buffer.alloc(0)),
      );
    });
  return { sidecar, client: made as unknown as Client, ask, grpc };
}

test('unary calls, their errors and their deadlines', async (t) => {
  const { sidecar, ask, client: made } = await setUpGrpc(t);
  t.is(String(await ask('hello')), 'hello');
  t.like(await ask('fail'), { code: status.NOT_FOUND, details: 'no such thing' });
  t.like(await ask('hang', { deadline: Date.now() + 100 }), { code: status.DEADLINE_EXCEEDED });
  const large = Buffer.alloc(20_000_000, 'x');
  t.true(large.equals((await ask(large)) as Buffer));
  made.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('streams of the server, of the client and of both', async (t) => {
  const { sidecar, client: made } = await setUpGrpc(t);
  const answers: string[] = [];
  for await (const data of made.server(Buffer.from('x'))) answers.push(String(data));
  t.is(answers.length, 100);
  const sum = await new Promise<Buffer | undefined>((resolve) => {
    const call = made.client((_, answer) => resolve(answer));
    for (let at = 0; at < 100; at++) call.write(Buffer.alloc(1000));
    call.end();
  });
  t.is(String(sum), '100000');
  const call = made.bidi();
  for (let at = 0; at < 20; at++) {
    call.write(Buffer.from(`ping ${at}`));
    const [data] = (await once(call, 'data')) as [Buffer];
    t.is(String(data), `ping ${at}`);
  }
  call.end();
  call.resume();
  await once(call, 'end');
  made.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a server that shuts down loses no call, and later ones are told that it is gone', async (t) => {
  const { sidecar, client: made, ask, grpc } = await setUpGrpc(t);
  t.is(String(await ask('hello')), 'hello');
  const call = made.bidi();
  call.write(Buffer.from('a'));
  await once(call, 'data');
  const down = new Promise<void>((resolve) => grpc.tryShutdown(() => resolve()));
  call.write(Buffer.from('b'));
  const [data] = (await once(call, 'data')) as [Buffer];
  t.is(String(data), 'b');
  call.end();
  call.resume();
  await once(call, 'end');
  await down;
  t.like(await ask('hello'), { code: status.UNAVAILABLE });
  made.close();
  t.deepEqual(await sidecar.leftovers(), []);
});
