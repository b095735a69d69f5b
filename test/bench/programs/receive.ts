import { createServer } from 'node:net';

// The backend of the POST row: takes a body of Content-Length bytes, then answers with 1 KB. It knows no other framing.
const [port] = process.argv.slice(2);
const body = 'x'.repeat(1024);
const response = Buffer.from(
  `HTTP/1.1 200 OK\r\nServer: backend\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);

createServer({ noDelay: true }, (socket) => {
  let head = '';
  let missing = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    let from = 0;
    while (from < bytes.length) {
      if (missing === 0) {
        const before = head.length;
        head += bytes.toString('latin1', from);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        missing = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
        if (!(missing > 0)) {
          socket.end('HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\n\r\n');
          return;
        }
        from += end + 4 - before;
        head = '';
      }
      const taken = Math.min(missing, bytes.length - from);
      from += taken;
      missing -= taken;
      if (missing === 0) socket.write(response);
    }
  });
}).listen(Number(port), '0.0.0.0', () => console.log('listening'));
