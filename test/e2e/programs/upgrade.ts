import { createServer } from 'node:net';

// Answers a WebSocket handshake with 101, CONNECT with 200, and all else with 426, as soon as the head has come.
const [port = '8080'] = process.argv.slice(2);

createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', (head) => {
    const text = head.toString('latin1');
    const answer = text.startsWith('CONNECT')
      ? '200 Connected'
      : text.includes('Upgrade: websocket')
        ? '101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket'
        : '426 Upgrade Required\r\nContent-Length: 0';
    socket.end(`HTTP/1.1 ${answer}\r\n\r\n`);
  });
}).listen(Number(port), '::', () => process.stdout.write('listening\n'));
