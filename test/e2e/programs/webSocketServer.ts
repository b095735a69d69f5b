import { createHash } from 'node:crypto';
import { createServer as createHttp1 } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { frame, readFrames } from './webSocketFrames.ts';

// A WebSocket server (RFC 6455; with `http2`, RFC 8441 alone) that greets with its name and sends each frame back; closes when
// its client does.
const [name = 'app', port = '8080', protocol = 'http1'] = process.argv.slice(2);

function serve(socket: Duplex, first: Buffer, path: string): void {
  socket.on('error', () => undefined);
  socket.write(frame(0x81, Buffer.from(`${name} greets ${path}`)));
  readFrames(socket, first, ({ first: start, payload }) => {
    socket.write(frame(start, payload));
    if ((start & 15) === 8) socket.end();
  });
}

const listening = (): void => void process.stdout.write('listening\n');

if (protocol === 'http2') {
  const server = createHttp2({ settings: { enableConnectProtocol: true } });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    if (headers[':protocol'] !== 'websocket') {
      stream.respond({ ':status': 426 });
      return stream.end();
    }
    stream.respond({ ':status': 200 });
    return serve(stream, Buffer.alloc(0), headers[':path'] ?? '');
  });
  server.listen(Number(port), '::', listening);
} else {
  const server = createHttp1((_request, response) => response.writeHead(426).end());
  server.on('upgrade', (request, socket, first) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    serve(socket, first, request.url ?? '');
  });
  server.listen(Number(port), '::', listening);
}
