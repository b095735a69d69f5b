import { connect, createServer, type Socket } from 'node:net';
import { EvenLoad } from './evenLoad.ts';
import { fail } from './outcome.ts';

// The load of the latency row and its backend: openLoop.ts <address> <port> <own port> <rate> <seconds> <head>. The backend is
// in this process, so that the two do not wait for each other's core.
const [address = '', port, ownPort, rate, seconds, head = ''] = process.argv.slice(2);
const connections = 16;
const request = Buffer.from(`${head}\r\n\r\n`, 'latin1');
const size = 1024;
const response = Buffer.from(
  `HTTP/1.1 200 OK\r\nServer: backend\r\nContent-Type: text/plain\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
);
const load = new EvenLoad(Number(rate), Number(seconds));
const free: Caller[] = [];
/** Those that wait for a free connection. */
const waiting: number[] = [];

type Caller = { readonly send: (request: number) => void };

createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    if (!text.endsWith('\r\n\r\n')) return;
    text = '';
    socket.write(response);
  });
}).listen(Number(ownPort), '0.0.0.0', () => {
  for (let i = 0; i < connections; i++) open();
});

function open(): void {
  const socket: Socket = connect({ host: address, port: Number(port), noDelay: true });
  let asked = -1;
  let text = '';
  const caller: Caller = {
    send(at) {
      asked = at;
      socket.write(request);
    },
  };
  socket.on('connect', () => {
    free.push(caller);
    if (free.length === connections) load.run(send);
  });
  socket.on('error', (error) => fail(error.message));
  socket.on('end', () => fail('the connection ended early'));
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0 || text.length < end + 4 + size) return;
    if (!text.startsWith('HTTP/1.1 200 ')) fail(text.slice(0, end));
    text = '';
    load.noteAnswer(asked);
    const next = waiting.shift();
    if (next === undefined) free.push(caller);
    else caller.send(next);
  });
}

function send(at: number): void {
  const caller = free.pop();
  if (caller === undefined) waiting.push(at);
  else caller.send(at);
}
