import { createServer, type ServerHttp2Stream } from 'node:http2';
import { buffer } from 'node:stream/consumers';

// http2App.ts <name> <port>: says over HTTP/2 what each request was, once it has come whole.
const [name = '', port = ''] = process.argv.slice(2);

async function answer(stream: ServerHttp2Stream, what: string): Promise<void> {
  const { length } = await buffer(stream);
  stream.respond({ ':status': 200, 'content-type': 'text/plain' });
  stream.end(`${name} saw ${what} with ${length} bytes\n`);
}

const server = createServer();
server.on('stream', (stream: ServerHttp2Stream, { ':method': method, ':path': path }) => {
  stream.on('error', () => undefined);
  answer(stream, `${method} ${path}`).catch(() => stream.destroy());
});
server.listen({ port: Number(port), host: '::' }, () => console.log('listening'));
