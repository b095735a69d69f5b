import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';

/**
 * `node http2App.ts <name> <port>`: over HTTP/2 it says what each request was, as JSON, once that has come whole: its trailers,
 * and the length and SHA-256 of its body, which the trailers of the answer repeat. `/bytes/<n>` answers n bytes.
 */
const [name = '', port = ''] = process.argv.slice(2);

function answer(stream: ServerHttp2Stream, { ':method': method, ':path': path = '' }: IncomingHttpHeaders): void {
  const hash = createHash('sha256');
  let length = 0;
  let checksum: unknown;
  stream.on('error', () => undefined);
  stream.on('trailers', (fields: IncomingHttpHeaders) => {
    checksum = fields['x-checksum'];
  });
  stream.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    length += chunk.length;
  });
  stream.on('end', () => {
    // The client may have reset it meanwhile.
    if (stream.destroyed) return;
    const [, what, amount] = path.split('/');
    stream.respond({ ':status': 200, 'content-type': 'application/json' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-length': `${length}` }));
    if (what === 'bytes') Readable.from(bytes(Number(amount))).pipe(stream);
    else stream.end(JSON.stringify({ name, method, url: path, length, sha256: hash.digest('hex'), checksum }));
  });
}

function* bytes(amount: number): Iterable<Buffer> {
  const chunk = Buffer.alloc(65_536, 'heddle ');
  for (let left = amount; left > 0; left -= chunk.length) yield left < chunk.length ? chunk.subarray(0, left) : chunk;
}

const server = createServer();
server.on('stream', answer);
server.listen({ port: Number(port), host: '::' }, () => console.log('listening'));
