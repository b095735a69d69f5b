import { createServer } from 'node:net';

// A backend that takes connections, reads nothing and never answers.
const [port] = process.argv.slice(2);
createServer({ pauseOnConnect: true }, (socket) => {
  socket.on('error', () => socket.destroy());
}).listen({ port: Number(port), host: '0.0.0.0', backlog: 8192 }, () => console.log('listening'));
