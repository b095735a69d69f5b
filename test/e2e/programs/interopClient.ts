import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import {
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type MethodDefinition,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import {
  bodyIn,
  encode,
  field,
  initial,
  type Message,
  method,
  numberIn,
  payload,
  testService,
  trailing,
} from './interopService.ts';

// interopClient.ts plain|gzip <address>…: grpc-js as the client of gRPC's cases of interoperability. Prints a line for each.
const [mode = '', ...addresses] = process.argv.slice(2);

const { emptyCall, unaryCall, streamingInputCall, streamingOutputCall, fullDuplexCall } = testService;
const requestSizes = [27_182, 8, 1828, 45_904];
const responseSizes = [31_415, 9, 2653, 58_979];
const hugeSize = 6_000_000;

const client = (address: string): Client =>
  new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    ...(mode === 'gzip' && { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip }),
  });

type Unary = {
  readonly answer: Message | undefined;
  readonly header: Metadata;
  readonly status: StatusObject;
};

async function unary(
  channel: Client,
  of: MethodDefinition<Message, Message>,
  request: Message,
  metadata = new Metadata(),
): Promise<Unary> {
  let answer: Message | undefined;
  let header = new Metadata();
  const { path, requestSerialize, responseDeserialize } = of;
  const call = channel.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, (_, got) => {
    answer = got;
  });
  call.on('metadata', (got: Metadata) => {
    header = got;
  });
  const ended = await statusOf(call);
  return { answer, header, status: ended };
}

/** How a call ends, well or not. */
function statusOf(call: EventEmitter): Promise<StatusObject> {
  const { promise, resolve } = Promise.withResolvers<StatusObject>();
  call.once('status', resolve);
  return promise;
}

/** A call of both directions: what comes, and how it ends. */
function duplex(channel: Client, { metadata = new Metadata(), timeoutMs = 60_000 } = {}) {
  const { path, requestSerialize, responseDeserialize } = fullDuplexCall;
  const deadline = Date.now() + timeoutMs;
  const call = channel.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, { deadline });
  const sizes: number[] = [];
  call.on('data', (answer: Message) => sizes.push(bodyIn(answer, 1).length));
  call.on('error', () => undefined);
  const ended = statusOf(call);
  const header = once(call, 'metadata').then(([of]) => of as Metadata);
  header.catch(() => undefined);
  return { call, sizes, ended, header };
}

const wanted = (size: number): Uint8Array => encode([[1, size]]);

function echoed(code: number, message: string): Message {
  const of = encode([
    [1, code],
    [2, Buffer.from(message)],
  ]);
  return [[field.status, of]];
}

async function exchange(channel: Client, size: number, answerSize: number): Promise<void> {
  const { answer, status: ended } = await unary(channel, unaryCall, [
    [field.size, answerSize],
    [field.payload, payload(size)],
  ]);
  assert.equal(ended.code, status.OK, ended.details);
  assert.equal(bodyIn(answer ?? [], 1).length, answerSize);
}

async function refused(channel: Client, code: number, message: string): Promise<void> {
  const { status: ended } = await unary(channel, unaryCall, echoed(code, message));
  assert.deepEqual([ended.code, ended.details], [code, message]);
}

const cases: Readonly<Record<string, (channel: Client) => Promise<void>>> = {
  async empty_unary(channel) {
    const { answer, status: ended } = await unary(channel, emptyCall, []);
    assert.deepEqual([ended.code, answer], [status.OK, []]);
  },
  large_unary: (channel) => exchange(channel, 271_828, 314_159),
  async client_streaming(channel) {
    const { path, requestSerialize, responseDeserialize } = streamingInputCall;
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    const call = channel.makeClientStreamRequest(path, requestSerialize, responseDeserialize, (error, answer) =>
      answer === undefined ? reject(error ?? new Error('no answer')) : resolve(answer),
    );
    for (const size of requestSizes) call.write([[1, payload(size)]]);
    call.end();
    assert.equal(numberIn(await promise, 1), 74_922);
  },
  async server_streaming(channel) {
    const { path, requestSerialize, responseDeserialize } = streamingOutputCall;
    const request = responseSizes.map((size) => [field.parameters, wanted(size)] as const);
    const call = channel.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    const sizes: number[] = [];
    for await (const answer of call) sizes.push(bodyIn(answer as Message, 1).length);
    assert.deepEqual(sizes, responseSizes);
  },
  async ping_pong(channel) {
    const { call, sizes, ended } = duplex(channel);
    for (const [index, size] of requestSizes.entries()) {
      call.write([
        [field.parameters, wanted(responseSizes[index] ?? 0)],
        [field.payload, payload(size)],
      ]);
      await Promise.race([once(call, 'data'), ended]);
    }
    call.end();
    assert.equal((await ended).code, status.OK);
    assert.deepEqual(sizes, responseSizes);
  },
  async empty_stream(channel) {
    const { call, sizes, ended } = duplex(channel);
    call.end();
    assert.equal((await ended).code, status.OK);
    assert.deepEqual(sizes, []);
  },
  async timeout_on_sleeping_server(channel) {
    const { call, ended } = duplex(channel, { timeoutMs: 1 });
    call.write([[field.payload, payload(27_182)]]);
    assert.equal((await ended).code, status.DEADLINE_EXCEEDED);
  },
  async cancel_after_begin(channel) {
    const { path, requestSerialize, responseDeserialize } = streamingInputCall;
    const call = channel.makeClientStreamRequest(path, requestSerialize, responseDeserialize, () => undefined);
    const ended = statusOf(call);
    call.cancel();
    assert.equal((await ended).code, status.CANCELLED);
  },
  async cancel_after_first_response(channel) {
    const { call, sizes, ended } = duplex(channel);
    call.write([
      [field.parameters, wanted(31_415)],
      [field.payload, payload(27_182)],
    ]);
    await Promise.race([once(call, 'data'), ended]);
    call.cancel();
    assert.equal((await ended).code, status.CANCELLED);
    assert.deepEqual(sizes, [31_415]);
  },
  async status_code_and_message(channel) {
    await refused(channel, status.UNKNOWN, 'test status message');
    const { call, ended } = duplex(channel);
    call.write(echoed(status.UNKNOWN, 'test status message'));
    call.end();
    const { code, details } = await ended;
    assert.deepEqual([code, details], [status.UNKNOWN, 'test status message']);
  },
  special_status_message: (channel) =>
    refused(channel, status.UNKNOWN, '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'),
  async custom_metadata(channel) {
    const metadata = new Metadata();
    metadata.set(initial, 'test_initial_metadata_value');
    metadata.set(trailing, Buffer.from('ab0a0b0a0b0a0b', 'hex'));
    const request: Message = [
      [field.size, 1],
      [field.payload, payload(1)],
    ];
    const one = await unary(channel, unaryCall, request, metadata);
    const { call, ended, header } = duplex(channel, { metadata });
    call.write([
      [field.parameters, wanted(1)],
      [field.payload, payload(1)],
    ]);
    call.end();
    for (const [first, last] of [
      [one.header, one.status.metadata],
      [await header, (await ended).metadata],
    ] as const) {
      assert.deepEqual(first.get(initial), metadata.get(initial));
      assert.deepEqual(last.get(trailing), metadata.get(trailing));
    }
  },
  async unimplemented_method(channel) {
    const { status: ended } = await unary(channel, method('UnimplementedCall', false, false), []);
    assert.equal(ended.code, status.UNIMPLEMENTED);
  },
  async unimplemented_service(channel) {
    const of = method('UnimplementedCall', false, false, 'UnimplementedService');
    assert.equal((await unary(channel, of, [])).status.code, status.UNIMPLEMENTED);
  },
  huge_unary: (channel) => exchange(channel, hugeSize, hugeSize),
};

for (const address of addresses) {
  const channel = client(address);
  for (const [name, run] of Object.entries(cases)) {
    const outcome = await run(channel).then(
      () => 'passed',
      (error: unknown) => `failed: ${String(error)}`,
    );
    console.log(`${address} ${name} ${outcome}`);
  }
  channel.close();
}
// Timers of deadlines would keep it for their time.
process.exit();
