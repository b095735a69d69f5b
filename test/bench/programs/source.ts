import { createServer } from 'node:net';

// The backend of the TCP rows: sends zeros to whoever connects, as fast as they are taken.
const [port] = process.argv.slice(2);
const chunk = Buffer.alloc(262_144);

createServer((socket) => {
  const fill = (): void => {
    while (socket.write(chunk));
  };
  socket.on('error', () => socket.destroy());
  socket.on('drain', fill);
  fill();
}).listen(Number(port), '0.0.0.0', () => console.log('listening'));
