import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * `node app.ts <name> <port>[@address]…`: an app that answers with what it saw of the request, as JSON; `/bytes/<n>`
 * answers n bytes, `/digest` the length and SHA-256 of the request's body, `/slow/<ms>` late, having printed `slow`,
 * `/busy/<name>` with 503 if that is its name. `/status/<n>` with that status. A request's `x-respond: A=1, B=2` has such fields in the response. It prints `listening`, and ends gracefully on SIGTERM. It listens on every address of both families unless one is given.
 */
const [name = 'app', ...places] = process.argv.slice(2);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '', headers, socket } = request;
  const [, what, amount] = url.split('/');
  if (what === 'bytes') {
    response.setHeader('content-length', Number(amount));
    return pipeline(Readable.from(bytes(Number(amount))), response);
  }
  if (what === 'digest') {
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      length += chunk.length;
    }
    response.end(JSON.stringify({ length, sha256: hash.digest('hex') }));
    return;
  }
  request.resume();
  if (what === 'slow') {
    console.log('slow');
    await sleep(Number(amount));
  }
  const peer = socket.remoteAddress?.replace(/^::ffff:/, '');
  if (what === 'status') response.statusCode = Number(amount);
  if (what === 'busy' && amount === name) response.statusCode = 503;
  response.setHeader('content-type', 'application/json');
  for (const field of String(headers['x-respond'] ?? '').split(/, ?/)) {
    const [key = '', value = ''] = field.split('=');
    if (key !== '') response.appendHeader(key, value);
  }
  response.end(JSON.stringify({ name, port: socket.localPort, peer, method, url, headers }));
}

function* bytes(amount: number): Iterable<Buffer> {
  const chunk = Buffer.alloc(65_536, 'heddle ');
  for (let left = amount; left > 0; left -= chunk.length) yield left < chunk.length ? chunk.subarray(0, left) : chunk;
}

const servers = await Promise.all(
  places.map(async (place) => {
    const [port, host = '::'] = place.split('@');
    const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
    await new Promise<void>((resolve) => {
      server.listen({ port: Number(port), host }, resolve);
    });
    return server;
  }),
);
process.on('SIGTERM', () => {
  for (const server of servers) server.close();
});
console.log('listening');
