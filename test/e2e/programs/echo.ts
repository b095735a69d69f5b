import net from 'node:net';

/** `node echo.ts <port>`: sends back what it gets, on both families; ends its side when the other has. */
net
  .createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  })
  .listen({ port: Number(process.argv[2]), host: '::' }, () => console.log('listening'));
