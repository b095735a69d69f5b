import { Client, credentials, Metadata, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { echo, method } from './grpcService.ts';

// grpcClient.ts <address>: what came of calls over one channel, as JSON.
const [address = ''] = process.argv.slice(2);
const client = new Client(address, credentials.createInsecure());

type Given = {
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
};

/** The answer, or the status by name and its message. */
function call(of: MethodDefinition<string, string>, given: Given = {}): Promise<string> {
  const { text = 'x', headers = {}, timeoutMs } = given;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  const { promise, resolve } = Promise.withResolvers<string>();
  client.makeUnaryRequest(
    of.path,
    of.requestSerialize,
    of.responseDeserialize,
    text,
    metadata,
    options,
    (error: ServiceError | null, answer?: string) =>
      resolve(error === null ? (answer ?? '') : `${status[error.code]}: ${error.details}`),
  );
  return promise;
}

async function count(of: MethodDefinition<string, string>, text: string): Promise<number> {
  let messages = 0;
  const stream = client.makeServerStreamRequest(of.path, of.requestSerialize, of.responseDeserialize, text);
  for await (const message of stream) if (message !== undefined) messages++;
  return messages;
}

const answers: Record<string, number> = {};
for (const answer of await Promise.all(Array.from({ length: 400 }, () => call(echo.who))))
  answers[answer] = (answers[answer] ?? 0) + 1;
const result = {
  answers,
  canary: await call(echo.canary, { headers: { 'x-canary': '1' } }),
  streamed: await count(echo.count, '1000'),
  refused: await call(echo.refuse, { text: 'NOT_FOUND' }),
  late: await call(echo.hang, { timeoutMs: 300 }),
  unmatched: await call(method('Place', false, 'test.Order')),
  invalid: await call(method('Nowhere', false)),
};
client.close();
console.log(JSON.stringify(result));
