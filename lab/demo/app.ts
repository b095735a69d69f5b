import { createServer } from 'node:http';

/** `node app.ts <name>`: the demo's service. It knows nothing of a mesh; it says its name and the path it was asked for. */
const name = process.argv[2] ?? 'app';

createServer((request, response) => {
  response.end(`${name} answers ${request.method} ${request.url}\n`);
}).listen(8080, '::', () => console.log('listening'));
