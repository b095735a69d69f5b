import { createServer } from 'node:net';

// The backend of the WebSocket row: answers the upgrade, then sends back every byte as it came.
const [port] = process.argv.slice(2);
// What RFC 6455 section 4.2.2 makes of the key that frames.ts sends, which HAProxy looks at.
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;

createServer({ noDelay: true }, (socket) => {
  let head: string | undefined = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    if (head === undefined) {
      socket.write(bytes);
      return;
    }
    head += bytes.toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    head = undefined;
    socket.write(answer);
  });
  socket.on('end', () => socket.end());
}).listen(Number(port), '0.0.0.0', () => console.log('listening'));
