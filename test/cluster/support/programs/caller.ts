import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { createInterface } from 'node:readline';

// Runs in a pod: reads one request per line from standard input, sends it, and prints how it was answered, both as JSON.
// The path goes out as it is given, and redirects are not followed.
type Call = {
  readonly id: number;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  readonly keepAlive: boolean;
};

const kept = new Agent({ keepAlive: true, maxSockets: 1 });

createInterface({ input: process.stdin })
  .on('line', (line) => void answer(JSON.parse(line) as Call))
  .on('close', () => process.exit(0));

async function answer(call: Call): Promise<void> {
  const result = await send(call).catch((error: unknown) => ({ error: explain(error) }));
  process.stdout.write(`${JSON.stringify({ id: call.id, ...result })}\n`);
}

/** Node tries both families and gives the failures of both, without a message of its own. */
function explain(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error);
}

function send({ url, method, headers, body, keepAlive }: Call): Promise<object> {
  const { hostname, port } = new URL(url);
  const path = /^\w+:\/\/[^/]+(.*)$/.exec(url)?.[1] ?? '';
  const host = hostname.replaceAll(/^\[|\]$/g, '');
  const agent = keepAlive ? kept : false;
  return new Promise((resolve, reject) => {
    const sent = request({ host, port: port || 80, path: path || '/', method, headers: { ...headers }, agent });
    sent.on('error', reject).setTimeout(20_000, () => sent.destroy(new Error('no answer within 20 s')));
    sent.on('response', (response) => {
      const { localPort } = response.socket;
      const text: Buffer[] = [];
      response.on('error', reject).on('data', (chunk: Buffer) => text.push(chunk));
      response.on('end', () => {
        const answered: IncomingHttpHeaders = response.headers;
        resolve({
          status: response.statusCode,
          headers: answered,
          text: Buffer.concat(text).toString(),
          port: localPort,
        });
      });
    });
    sent.end(body);
  });
}
