import { createServer } from 'node:net';

// The backend of most HTTP rows: answers every request head with 1 KB, or so many bytes, in one write; parses nothing.
const [port, size = '1024'] = process.argv.slice(2);
const head = [
  'HTTP/1.1 200 OK',
  'Server: backend',
  'Date: Sat, 21 Nov 2026 10:00:00 GMT',
  'Content-Type: text/plain',
  `Content-Length: ${size}`,
  '\r\n',
].join('\r\n');
const response = Buffer.from(head + 'x'.repeat(Number(size)), 'latin1');

createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('error', () => socket.destroy());
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    const heads = (rest + text).split('\r\n\r\n');
    rest = heads.pop() ?? '';
    if (heads.length === 1) socket.write(response);
    else if (heads.length > 1) socket.write(Buffer.concat(heads.map(() => response)));
  });
}).listen({ port: Number(port), host: '0.0.0.0', backlog: 4096 }, () => console.log('listening'));
