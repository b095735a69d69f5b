import { createServer } from 'node:http';

// A backend that reads every request to its end, then answers.
const [port] = process.argv.slice(2);
createServer((request, response) => {
  request.resume().on('end', () => response.end('ok'));
}).listen(Number(port), '0.0.0.0', () => console.log('listening'));
