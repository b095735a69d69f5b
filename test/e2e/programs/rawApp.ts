import net from 'node:net';

/** `node rawApp.ts <port> <behaviour>`: a server with a bad habit of real ones, byte for byte. */
const [port, behaviour = ''] = process.argv.slice(2);

const behaviours: Readonly<Record<string, (socket: net.Socket) => void>> = {
  /** Refuses what is uploaded at its head, and closes with the rest unread. */
  refuses(socket) {
    socket.once('data', () => {
      socket.pause();
      const refusal = 'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 3\r\n\r\nno\n';
      socket.write(refusal, () => socket.destroy());
    });
  },
  /** Does what the path of its request says. */
  misbehaves(socket) {
    socket.on('data', (bytes: Buffer) => {
      const [, path = ''] = bytes.toString('latin1').split(' ');
      if (path === '/garbage') socket.write('what is this?\r\n\r\n');
      if (path === '/large') socket.write(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`);
      if (path === '/closes') socket.end();
      if (path === '/breaks') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na part');
    });
  },
  /** Sends an empty line behind each body, a moment later. */
  strays(socket) {
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      setTimeout(() => socket.write('\r\n'), 4);
    });
  },
};

const serve = behaviours[behaviour];
if (serve !== undefined) {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  server.listen({ port: Number(port), host: '::' }, () => console.log('listening'));
}
