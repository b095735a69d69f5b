import { createServer } from 'node:http';

/**
 * `node app.ts <name> <port>[@address]…`: an app that answers every request with what it saw of it, as JSON.
 * It listens on every address of both families unless one is given, and prints `listening` when it does.
 */
const [name = 'app', ...places] = process.argv.slice(2);

const server = (): ReturnType<typeof createServer> =>
  createServer((request, response) => {
    const { method, url, headers, socket } = request;
    const peer = socket.remoteAddress?.replace(/^::ffff:/, '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, port: socket.localPort, peer, method, url, headers }));
    request.resume();
  });

await Promise.all(
  places.map((place) => {
    const [port, host = '::'] = place.split('@');
    return new Promise<void>((resolve) => {
      server().listen({ port: Number(port), host }, resolve);
    });
  }),
);
console.log('listening');
