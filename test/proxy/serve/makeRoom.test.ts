import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { keepRoom, makeRoom } from '../../../proxy/serve/makeRoom.ts';
import type { OpenConnection } from '../../../proxy/serve/served.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const nowMs = 1_000_000;

/** Connections as makeRoom sees them; which of them were closed is told by their names. */
function crowd() {
  const connections = new Set<OpenConnection>();
  const closed: string[] = [];
  const add = (name: string, peer: string | undefined, idleMs: number, parts: Partial<OpenConnection> = {}): void => {
    const served = { idle: idleMs > 0, destroy: () => closed.push(name), ...parts.served };
    const connection = { movedMs: nowMs - idleMs, stillStands: () => true };
    // Nothing else is looked at.
    connections.add({ direction: 'inbound', peer, connection, ...parts, served } as unknown as OpenConnection);
  };
  return { connections, closed, add };
}

test('while there is room nobody is closed', (t) => {
  const { connections, closed, add } = crowd();
  for (let index = 0; index < 97; index++) add(`a${index}`, 'a', 60_000);
  makeRoom(connections, 'inbound', 100, nowMs);
  t.deepEqual(closed, []);
});

test('near the limit the longest idle one of the peer with most goes', (t) => {
  const { connections, closed, add } = crowd();
  for (let index = 0; index < 58; index++) add(`many${index}`, 'many', 5000 + index);
  for (let index = 0; index < 40; index++) add(`few${index}`, 'few', 900_000);
  makeRoom(connections, 'inbound', 100, nowMs);
  t.deepEqual(closed, ['many57']);
});

test('with many too many, peers are brought to the same', (t) => {
  const { connections, closed, add } = crowd();
  for (let index = 0; index < 700; index++) add('many', 'many', 5000);
  for (let index = 0; index < 295; index++) add('few', 'few', 9000);
  makeRoom(connections, 'inbound', 1000, nowMs);
  t.is(closed.length, 995 - 980 + 10);
  t.true(closed.every((name) => name === 'many'));
});

test('what is busy, was used just now, or goes the other way stays', (t) => {
  const { connections, closed, add } = crowd();
  for (let index = 0; index < 40; index++) add('busy', 'a', 0);
  for (let index = 0; index < 59; index++) add('just now', 'a', 500);
  for (let index = 0; index < 50; index++) add('outbound', undefined, 90_000, { direction: 'outbound' });
  makeRoom(connections, 'inbound', 100, nowMs);
  t.deepEqual(closed, []);
  makeRoom(connections, 'outbound', 100, nowMs);
  t.deepEqual(closed, []);
});

test('a limit of both directions counts and closes those of both', (t) => {
  const { connections, closed, add } = crowd();
  for (let index = 0; index < 49; index++) add(`in${index}`, 'a', 5000 + index);
  for (let index = 0; index < 50; index++) add(`out${index}`, undefined, 9000 + index, { direction: 'outbound' });
  makeRoom(connections, 'both', 100, nowMs);
  t.deepEqual(closed, ['out49', 'in48']);
});

test('a tunnel without a byte for a minute goes when there is no idle connection left to go', (t) => {
  const { connections, closed, add } = crowd();
  const tunnel = (silentMs: number) => ({ served: { passedMs: nowMs - silentMs, idle: false } as never });
  for (let index = 0; index < 90; index++) add('busy', 'a', 0);
  for (let index = 0; index < 8; index++) add(`silent${index}`, 'a', 0, tunnel(90_000 + index));
  add('passing', 'a', 0, tunnel(50_000));
  const idle = crowd();
  for (const connection of connections) idle.connections.add(connection);
  makeRoom(connections, 'inbound', 100, nowMs);
  t.deepEqual(closed, ['silent7', 'silent6']);
  idle.add('idle', 'a', 5000);
  idle.add('idle', 'a', 5000);
  idle.add('idle', 'a', 5000);
  makeRoom(idle.connections, 'inbound', 102, nowMs);
  t.deepEqual(idle.closed, ['idle', 'idle', 'idle']);
});

test('a peer with few keeps them, however many peers there are', (t) => {
  const { connections, closed, add } = crowd();
  for (let index = 0; index < 5000; index++) add('few', `few${index}`, 900_000);
  for (let index = 0; index < 4850; index++) add('many', 'many', 5000);
  makeRoom(connections, 'inbound', 10_000, nowMs);
  t.deepEqual(
    closed,
    Array.from({ length: 9850 - 9800 + 100 }, () => 'many'),
  );
});

test('not every one that is accepted has all of them looked through', (t) => {
  const { connections, add } = crowd();
  let looks = 0;
  const served = {
    get idle() {
      looks++;
      return false;
    },
  };
  connections.add({ direction: 'inbound', peer: 'a', served } as never);
  for (let index = 0; index < 9899; index++) add('busy', 'a', 0);
  const room = keepRoom(connections, 'inbound', 10_000);
  for (let count = 0; count < 1000; count++) room.accepted(nowMs + count / 10);
  t.true(looks > 0 && looks <= 11, `${looks}`);
  const before = looks;
  for (let count = 0; count < 1000; count++) room.refused(nowMs + 100 + count);
  t.true(looks - before >= 3 && looks - before <= 4, 'one that is refused by the time alone');
});

test('what was used just now when the last place was taken makes room later', (t) => {
  const { connections, closed, add } = crowd();
  for (let index = 0; index < 100; index++) add('idle', 'a', 10);
  const room = keepRoom(connections, 'inbound', 100);
  room.accepted(nowMs);
  t.deepEqual(closed, []);
  room.refused(nowMs + 2000);
  t.deepEqual(closed, ['idle', 'idle', 'idle']);
});

test('of real connections the one that was never used goes, and one that has just been served stays', async (t) => {
  const sidecar = setUp(t);
  const port = await sidecar.straight((await startOkBackend(t)).port);
  const silent = await connect(port);
  const used = await connect(port);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  used.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  await used.sees('ok');
  makeRoom(sidecar.engine.connections, 'inbound', 2, performance.now());
  await silent.over();
  used.write('GET /b HTTP/1.1\r\nHost: x\r\n\r\n');
  await used.until(({ text }) => text.split('HTTP/1.1 200').length === 3);
  used.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('one on which a request waits to be read stays', async (t) => {
  const sidecar = setUp(t);
  const used = await connect(await sidecar.straight((await startOkBackend(t)).port));
  used.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  await used.sees('ok');
  await sleep(1100);
  used.write('GET /b HTTP/1.1\r\nHost: x\r\n\r\n');
  makeRoom(sidecar.engine.connections, 'inbound', 1, performance.now());
  await used.until(({ text }) => text.split('HTTP/1.1 200').length === 3);
  used.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('one whose response was long awaited stays', async (t) => {
  const sidecar = setUp(t);
  const backend = await startBackend(t, () => undefined);
  const used = await connect(await sidecar.straight(backend.port));
  used.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  const asked = await backend.peer(0);
  await asked.sees('GET /a');
  await sleep(1100);
  asked.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  await used.sees('ok');
  makeRoom(sidecar.engine.connections, 'inbound', 1, performance.now());
  used.write('GET /b HTTP/1.1\r\nHost: x\r\n\r\n');
  await asked.sees('GET /b');
  used.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a tunnel whose place is needed says so, one through which something passes stays', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, { opaquePorts: [backend.port] });
  const port = await sidecar.straight(backend.port, 'outbound');
  const silent = await connect(port);
  await backend.peer(0);
  makeRoom(sidecar.engine.connections, 'outbound', 1, performance.now() + 50_000);
  silent.write('still there');
  await (await backend.peer(0)).sees('still there');
  makeRoom(sidecar.engine.connections, 'outbound', 1, performance.now() + 70_000);
  await silent.over();
  const [entry] = await sidecar.logged(1);
  t.like(entry, { flags: 'UT', bytesIn: 11 });
  t.regex(String(entry?.['reason']), /needed its place/);
  t.deepEqual(await sidecar.leftovers(), []);
});
