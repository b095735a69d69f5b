import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';

// Holds HTTP/2 until it is killed: holdHttp2.ts <address> <port> <connections> <streams> <path>. Each connection has asked once
// and has its answer; then so many streams are begun on it, each with a message of 200 bytes and no end, and wait. Says twice a
// second how many it holds, connections where there are no streams, once all were opened.
const [address = '', port, connections, streams, path = '/'] = process.argv.slice(2);
const perConnection = Number(streams);
const head = { ':method': 'POST', ':path': path, 'content-type': 'application/octet-stream' };
const message = Buffer.alloc(200, 'x');
const atOnce = 50;
let held = 0;

async function hold(): Promise<void> {
  const session = connect(`http://${address}:${port}`);
  session.on('error', () => undefined);
  await ask(session);
  if (perConnection === 0) count(session);
  for (let open = 0; open < perConnection; open++) {
    const stream = session.request(head);
    stream.on('error', () => undefined);
    count(stream);
    stream.write(message);
  }
  // What was written has been read when an answer to what follows it has come.
  if (perConnection > 0) await new Promise((resolve) => session.ping(resolve));
}

function ask(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    const stream = session.request(head);
    stream.on('error', () => resolve());
    stream.on('close', () => resolve());
    stream.resume();
    stream.end(message);
  });
}

function count(one: { once(event: 'close', listener: () => void): unknown }): void {
  held++;
  one.once('close', () => held--);
}

for (let open = 0; open < Number(connections); open += atOnce) {
  await Promise.all(Array.from({ length: Math.min(atOnce, Number(connections) - open) }, hold));
}
for (;;) {
  console.log(`holding ${held}`);
  await sleep(500);
}
