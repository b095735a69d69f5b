import { createServer } from 'node:net';

// The backend of the HTTP rows: answers every request head with 1 KB in one write, and parses nothing.
const [port] = process.argv.slice(2);
const body = 'x'.repeat(1024);
const response = [
  'HTTP/1.1 200 OK',
  'Server: backend',
  'Date: Sat, 21 Nov 2026 10:00:00 GMT',
  'Content-Type: text/plain',
  `Content-Length: ${body.length}`,
  '',
  body,
].join('\r\n');

createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('error', () => socket.destroy());
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    const heads = (rest + text).split('\r\n\r\n');
    rest = heads.pop() ?? '';
    if (heads.length > 0) socket.write(response.repeat(heads.length), 'latin1');
  });
}).listen(Number(port), '0.0.0.0', () => console.log('listening'));
