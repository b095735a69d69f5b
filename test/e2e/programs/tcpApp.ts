import http2 from 'node:http2';
import net from 'node:net';

/** `node tcpApp.ts <name> <port> <behaviour>`: an app that speaks anything but ordinary HTTP/1.1. */
const [name = '', port, behaviour = ''] = process.argv.slice(2);

const behaviours: Readonly<Record<string, (socket: net.Socket) => void>> = {
  /** Speaks first, as databases and mail servers do. */
  greet(socket) {
    socket.write(`${name} greets\n`);
    socket.pipe(socket);
  },
  /** Answers only when the other side has sent its end. */
  count(socket) {
    let length = 0;
    socket.on('data', (chunk) => (length += chunk.length));
    socket.on('end', () => setTimeout(() => socket.end(`${name} counted ${length}\n`), 50));
  },
  reset: (socket) => void socket.once('data', () => socket.resetAndDestroy()),
  hang: (socket) => void socket.resume(),
  garbage: (socket) => void socket.once('data', () => socket.end(`${'\x80'.repeat(64)}\r\n\r\n`, 'latin1')),
  half: (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
};

const serve = behaviours[behaviour];
if (behaviour === 'http2') {
  const server = http2.createServer((request, response) => response.end(`${name} by HTTP/${request.httpVersion}\n`));
  server.listen({ port: Number(port), host: '::' }, () => console.log('listening'));
} else if (serve !== undefined) {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen({ port: Number(port), host: '::' }, () => console.log('listening'));
}
