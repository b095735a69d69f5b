import { createSocket } from 'node:dgram';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { serveHealth } from './health.ts';

/**
 * Serves what the options name a port for. HTTP answers with what it saw as JSON; `?status=503`, `?delayMs=100`,
 * `?size=1000` and `?header=name:value` change the answer. TCP and UDP give back what they get.
 */
export function serve(words: readonly string[]): void {
  const port = { type: 'string' } as const;
  const options = { http: port, tcp: port, udp: port, grpc: port, host: { type: 'string', default: '::' } } as const;
  const { values } = parseArgs({ args: [...words], options });
  const { host } = values;
  if (values.http !== undefined)
    createServer((request, response) => void answer(request, response)).listen(Number(values.http), host);
  if (values.grpc !== undefined) serveHealth(Number(values.grpc), host);
  if (values.tcp !== undefined) {
    createTcpServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(Number(values.tcp), host);
  }
  if (values.udp !== undefined) {
    const socket = createSocket({ type: 'udp6' });
    socket.on('message', (message, { address, port: from }) => socket.send(message, from, address));
    socket.bind(Number(values.udp), host);
  }
  console.log('listening');
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(`http://x${request.url ?? '/'}`);
  let bodyBytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) bodyBytes += chunk.length;
  } catch {
    return;
  }
  await sleep(Number(searchParams.get('delayMs') ?? 0));
  for (const header of searchParams.getAll('header')) {
    const [name = '', ...value] = header.split(':');
    response.setHeader(name, value.join(':'));
  }
  const seen = {
    pod: hostname(),
    method: request.method,
    path: request.url,
    host: request.headers.host,
    headers: request.headers,
    bodyBytes,
    from: request.socket.remoteAddress,
    to: request.socket.localAddress,
    text: process.env['TEXT'],
  };
  const size = searchParams.get('size');
  response.writeHead(Number(searchParams.get('status') ?? 200), { 'content-type': 'application/json' });
  response.end(size === null ? `${JSON.stringify(seen)}\n` : Buffer.alloc(Number(size), 'x'));
}
