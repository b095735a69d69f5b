import { connect, createServer, type Socket } from 'node:net';

// The load of the latency row and its backend: openLoop.ts <address> <port> <own port> <rate> <seconds> <head>.
// Requests are due at even intervals whatever became of those before; latency counts from when one was due, so that a
// stall is seen by all that it delayed (no coordinated omission). The event loop never sleeps, since timers of 1 ms would be
// most of what is measured; the backend is in this process, so that the two do not wait for each other's core.
const [address = '', port, ownPort, rate, seconds, head = ''] = process.argv.slice(2);
const connections = 16;
/** Requests until this program is compiled; they are sent as well, and not counted. */
const warmUpMs = 1000;
const intervalMs = 1000 / Number(rate);
const request = Buffer.from(`${head}\r\n\r\n`, 'latin1');
const size = 1024;
const response = Buffer.from(
  `HTTP/1.1 200 OK\r\nServer: backend\r\nContent-Type: text/plain\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
);
const total = Math.round((warmUpMs + Number(seconds) * 1000) / intervalMs);
const took = new Float64Array(total);
const free: Caller[] = [];
/** When each of those that wait for a free connection was due. */
const waiting: number[] = [];
let sent = 0;
let answered = 0;

type Caller = { readonly send: (due: number) => void };

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
  let due = 0;
  let text = '';
  const caller: Caller = {
    send(at) {
      due = at;
      socket.write(request);
    },
  };
  socket.on('connect', () => {
    free.push(caller);
    if (free.length === connections) run();
  });
  socket.on('error', (error) => fail(error.message));
  socket.on('end', () => fail('the connection ended early'));
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0 || text.length < end + 4 + size) return;
    if (!text.startsWith('HTTP/1.1 200 ')) fail(text.slice(0, end));
    text = '';
    took[answered++] = performance.now() - due;
    if (answered === total) finish();
    const next = waiting.shift();
    if (next === undefined) free.push(caller);
    else caller.send(next);
  });
}

function run(): void {
  const started = performance.now() + intervalMs;
  const turn = (): void => {
    const now = performance.now();
    while (sent < total && started + sent * intervalMs <= now) {
      const due = started + sent++ * intervalMs;
      const caller = free.pop();
      if (caller === undefined) waiting.push(due);
      else caller.send(due);
    }
    setImmediate(turn);
  };
  turn();
}

function finish(): void {
  const counted = took.subarray(Math.round(warmUpMs / intervalMs)).toSorted();
  const at = (share: number): number => counted[Math.floor(counted.length * share)] ?? Number.NaN;
  console.log(JSON.stringify({ amount: total, p50: at(0.5), p99: at(0.99) }));
  process.exit(0);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
