import { pino } from 'pino';
import test, { type ExecutionContext } from 'ava';
import { limitHeld } from '../../../proxy/serve/limitHeld.ts';
import { pressure } from '../../../proxy/socket/held.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { type Entry, setUp, type Sidecar } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const clients = 60;
const limitBytes = 1_500_000;

function limited(t: ExecutionContext): Sidecar {
  const sidecar = setUp(t);
  t.teardown(limitHeld(sidecar.engine.connections, limitBytes, pino({ enabled: false })));
  return sidecar;
}

function held({ engine }: Sidecar): number {
  return [...engine.connections].reduce((sum, { served }) => sum + served.held, 0);
}

/** Waits until so many lines say that a connection was refused for what it held. */
async function refusedLines(sidecar: Sidecar, count: number): Promise<readonly Entry[]> {
  const refused = (): Entry[] => sidecar.entries.filter((entry) => entry['flags'] === 'OM');
  for (let turn = 0; turn < 3000 && refused().length < count; turn++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return refused();
}

async function connectAll(port: number, bytes: string, pause: boolean): Promise<readonly Peer[]> {
  const peers: Peer[] = [];
  for (let index = 0; index < clients; index++) {
    const peer = await connect(port);
    if (pause) peer.socket.pause();
    peer.write(bytes);
    peers.push(peer);
  }
  return peers;
}

const floods = {
  'heads that are not finished': { bytes: `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(60_000)}` },
  'requests that are pipelined behind one that waits': { bytes: `${get}${get.repeat(2000)}` },
};

// More than the kernel's buffers on the way take.
const bodyBytes = 40_000_000;

/** Answers with a long body, of which no more is written than is taken. */
function answerLong(peer: Peer): void {
  peer.socket.once('data', () => {
    peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
    const piece = Buffer.alloc(100_000);
    let left = bodyBytes;
    const write = (): void => {
      while (left > 0) {
        left -= piece.length;
        if (!peer.socket.write(piece)) return void peer.socket.once('drain', write);
      }
    };
    write();
  });
}

test.serial('of responses that are not read little waits, and nobody is refused for that', async (t) => {
  const sidecar = limited(t);
  t.teardown(() => (pressure.isHigh = false));
  const hungry = await startBackend(t, answerLong);
  const peers = await connectAll(await sidecar.straight(hungry.port), get, true);
  const waiting = (): number => [...sidecar.engine.connections].filter(({ served }) => served.held > 0).length;
  for (let turn = 0; turn < 3000 && waiting() < clients; turn++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  t.is(waiting(), clients);
  t.true(pressure.isHigh);
  t.true(held(sidecar) <= limitBytes, `${held(sidecar)} bytes are held`);
  peers[0]?.socket.resume();
  await peers[0]?.receives(bodyBytes);
  t.deepEqual(await refusedLines(sidecar, 0), []);
  for (const peer of peers) peer.socket.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [title, { bytes }] of Object.entries(floods)) {
  test.serial(`${title} are refused where they hold most; others are served`, async (t) => {
    const sidecar = limited(t);
    const hungry = await startBackend(t, () => undefined);
    const good = await startOkBackend(t);
    const neighbour = await connect(await sidecar.straight(good.port));
    const peers = await connectAll(await sidecar.straight(hungry.port), bytes, false);
    const refused = await refusedLines(sidecar, 20);
    t.true(refused.length >= 20, `${refused.length} were refused`);
    t.true(held(sidecar) <= limitBytes + 1_100_000, `${held(sidecar)} bytes are held`);
    t.regex(String(refused[0]?.['reason']), /too many bytes wait in the proxy/);
    neighbour.write(get);
    await neighbour.sees('ok');
    t.is(neighbour.text, ok);
    for (const peer of peers) peer.socket.destroy();
    neighbour.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test.serial('what a connection held is let go when it closes', async (t) => {
  const sidecar = setUp(t);
  const hungry = await startBackend(t, () => undefined);
  const port = await sidecar.straight(hungry.port);
  for (const bytes of ['GET / HTTP/1.1\r\nX: '.padEnd(20_000, 'a'), get.repeat(500)]) {
    const peer = await connect(port);
    peer.write(bytes);
    while (held(sidecar) < 10_000) await new Promise((resolve) => setTimeout(resolve, 10));
    const [open] = sidecar.engine.connections;
    peer.socket.resetAndDestroy();
    t.deepEqual(await sidecar.leftovers(), []);
    t.is(open?.served.held, 0);
  }
});

test.serial('within the limit nobody is refused', async (t) => {
  const sidecar = limited(t);
  const good = await startOkBackend(t);
  const peer = await connect(await sidecar.straight(good.port));
  peer.write(get.repeat(1000));
  await peer.until(({ text }) => text.length === ok.length * 1000);
  t.true(sidecar.entries.every((entry) => entry['flags'] === undefined));
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
