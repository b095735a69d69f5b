import { createServer } from 'node:net';

// Runs in a pod: a server that speaks first, as those of databases do.
createServer((socket) => {
  socket.on('error', () => {}).write('welcome ');
  socket.pipe(socket);
}).listen(9003, '::');
