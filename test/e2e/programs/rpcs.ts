import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { grpcMessage } from '../../grpcMessage.ts';
import { echo } from './grpcService.ts';

/**
 * `node rpcs.ts <url> <connections> <callers>`: on each of the connections, which stay, so many callers make one RPC after the
 * other until SIGTERM: `Who`, and every eighth time `Tick`, a stream of a quarter of a second. By node:http2, which tries
 * nothing twice. Prints how many are done every 100 ms, and in the end a summary as JSON: how many RPCs, what failed, and of
 * each server by its name how many it has answered and when the first and the last of them began (ms of Date.now). A failure
 * is anything but a whole answer of one server with status 0, and a connection that ends.
 */
const [url = '', connections, callers] = process.argv.slice(2);
const messages = 25;
const summary = {
  requests: 0,
  failed: 0,
  firstFailures: [] as string[],
  servers: {} as Record<string, { answered: number; firstMs: number; lastMs: number }>,
};
const ending = new AbortController();

type Answer = { readonly status: string; readonly texts: readonly string[] };

function fail(what: string): void {
  summary.failed += 1;
  if (summary.failed <= 5) summary.firstFailures.push(`${new Date().toISOString()} ${what}`);
}

/** The messages in it; one that is cut off counts as well, and is none of a server's names. */
function textsOf(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + (bytes.length < at + 5 ? 0 : bytes.readUInt32BE(at + 1));
    texts.push(end > bytes.length ? 'cut off' : bytes.toString('latin1', at + 5, end));
    at = end;
  }
  return texts;
}

function call(session: ClientHttp2Session, path: string, text: string): Promise<Answer> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const pieces: Buffer[] = [];
    let status = 'no status';
    const take = ({ 'grpc-status': code, 'grpc-message': message }: IncomingHttpHeaders): void => {
      if (code !== undefined) status = code === '0' ? code : [code, message].flat().join(' ');
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('data', (bytes: Buffer) => pieces.push(bytes));
    stream.on('error', (error) => (status = error.message));
    stream.on('close', () => resolve({ status, texts: textsOf(Buffer.concat(pieces)) }));
    stream.setTimeout(20_000, () => stream.destroy(new Error('silent for 20 s')));
    stream.end(grpcMessage(Buffer.from(text, 'latin1')));
  });
}

async function keepCalling(session: ClientHttp2Session): Promise<void> {
  for (let turn = 1; !ending.signal.aborted; turn += 1) {
    const beganMs = Date.now();
    const [path, count] = turn % 8 === 0 ? [echo.tick.path, messages] : [echo.who.path, 1];
    const { status, texts } = await call(session, path, `${count}`);
    const [name = ''] = texts;
    summary.requests += 1;
    if (status === '0' && texts.length === count && texts.every((text) => text === name)) note(name, beganMs);
    else fail(`${path}: ${status}, ${texts.length} messages of ${[...new Set(texts)].join(' and ')}`);
    await sleep(2);
  }
}

function note(name: string, beganMs: number): void {
  const server = (summary.servers[name] ??= { answered: 0, firstMs: beganMs, lastMs: beganMs });
  server.answered += 1;
  server.firstMs = Math.min(server.firstMs, beganMs);
  server.lastMs = Math.max(server.lastMs, beganMs);
}

function open(): ClientHttp2Session {
  const session = connect(url);
  session.on('error', (error) => fail(error.message));
  session.on('goaway', () => fail('a connection was given GOAWAY'));
  session.on('close', () => {
    if (!ending.signal.aborted) fail('a connection has ended');
  });
  return session;
}

process.on('SIGTERM', () => ending.abort());
console.log('started');
const telling = setInterval(() => console.log(`${summary.requests}`), 100);
const sessions = Array.from({ length: Number(connections) }, open);
await Promise.all(sessions.flatMap((session) => Array.from({ length: Number(callers) }, () => keepCalling(session))));
clearInterval(telling);
console.log(JSON.stringify(summary));
for (const session of sessions) session.close();
