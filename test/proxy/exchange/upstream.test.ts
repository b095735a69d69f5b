import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';
import { silentListener } from '../silentListener.ts';
import { undisturbed } from '../../undisturbed.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const post = 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb';

async function to(sidecar: Sidecar, port: number): Promise<Peer> {
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(port)));
  return connect(await sidecar.service());
}

test('an endpoint that refuses is 503 with UF', async (t) => {
  // Of the ports that no test is ever given: nobody listens there.
  const deadPort = 1;
  const sidecar = setUp(t);
  const peer = await to(sidecar, deadPort);
  peer.write(get);
  await peer.sees('HTTP/1.1 503 Service Unavailable\r\n');
  const [entry] = await sidecar.logged(1);
  t.is(entry?.['flags'], 'UF');
  t.regex(String(entry?.['reason']), /ECONNREFUSED/);
  t.is(entry?.['endpoint'], `127.0.0.1:${deadPort}`);
  peer.write(post);
  await peer.until(({ text }) => text.split('HTTP/1.1 503').length === 3);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
  t.is(sidecar.registry.size.connections, 0);
});

test('an endpoint that hangs while connecting is 503 with UF after the connect timeout', async (t) => {
  const listener = await silentListener(t);
  const sidecar = setUp(t, { pool: { connectTimeoutMs: 500 } });
  const peer = await to(sidecar, listener);
  peer.write(get);
  await peer.sees('HTTP/1.1 503 ');
  const [entry] = await sidecar.logged(1);
  t.is(entry?.['flags'], 'UF');
  t.regex(String(entry?.['reason']), /connecting took too long/);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [title, end] of [
  ['closes', (peer: Peer) => peer.end()],
  ['resets', (peer: Peer) => peer.reset()],
] as const) {
  for (const request of [get, post]) {
    test(`an endpoint that ${title} before its response to ${request.slice(0, 4)} is 503 with UC, not repeated`, async (t) => {
      const backend = await startBackend(t, (peer) => peer.socket.once('data', () => end(peer)));
      const sidecar = setUp(t);
      const peer = await to(sidecar, backend.port);
      peer.write(request);
      await peer.sees('HTTP/1.1 503 Service Unavailable\r\n');
      t.is((await sidecar.logged(1))[0]?.['flags'], 'UC');
      t.is(backend.peers.length, 1);
      peer.end();
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

test('an endpoint that resets within its response resets the client, with UC', async (t) => {
  const backend = await startBackend(t, async (peer) => {
    await peer.sees('\r\n\r\n');
    peer.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
  });
  const sidecar = setUp(t);
  const peer = await to(sidecar, backend.port);
  peer.write(get);
  // A reset takes along what was not read before it.
  await peer.sees('abc');
  (await backend.peer(0)).reset();
  t.is(await peer.over(), 'reset');
  const [entry] = await sidecar.logged(1);
  t.is(entry?.['flags'], 'UC');
  t.is(entry?.['status'], 200);
  t.is(entry?.['bytesOut'], 3);
  t.deepEqual(await sidecar.leftovers(), []);
});

/** Answers the first request of each connection, then does `then` when a second comes. */
async function onceGood(t: Parameters<typeof startBackend>[0], then: (peer: Peer) => void) {
  return startBackend(t, (peer, index) => {
    let requests = 0;
    peer.socket.on('data', () => {
      requests++;
      if (index > 0 || requests === 1) peer.write(ok);
      else then(peer);
    });
  });
}

test('an idempotent request that meets a dead pooled connection is sent again on a fresh one', async (t) => {
  const backend = await onceGood(t, (peer) => peer.reset());
  const sidecar = setUp(t);
  const peer = await to(sidecar, backend.port);
  peer.write(get);
  await peer.sees('ok');
  peer.write(get);
  await peer.until(({ text }) => text === ok + ok);
  t.is(backend.peers.length, 2);
  t.deepEqual(
    sidecar.entries.map((entry) => entry['flags']),
    [undefined, undefined],
  );
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a POST is not sent twice, though its connection had served before', async (t) => {
  const backend = await onceGood(t, (peer) => peer.reset());
  const sidecar = setUp(t);
  const peer = await to(sidecar, backend.port);
  peer.write(get);
  await peer.sees('ok');
  peer.write(post);
  await peer.sees('HTTP/1.1 503 ');
  t.is(backend.peers.length, 1);
  t.is(sidecar.entries.at(-1)?.['flags'], 'UC');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [title, end] of [
  ['closed', (peer: Peer) => peer.socket.destroy()],
  ['reset', (peer: Peer) => peer.reset()],
] as const) {
  test(`a POST passes over a connection that was ${title} while idle`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    const peer = await to(sidecar, backend.port);
    for (let turn = 1; turn <= 5; turn++) {
      peer.write(post);
      await peer.until(({ text }) => text === ok.repeat(turn));
      const last = backend.peers.at(-1);
      t.truthy(last);
      if (last !== undefined) end(last);
    }
    t.is(backend.requests.length, 5);
    t.deepEqual(
      sidecar.entries.map((entry) => entry['status']),
      [200, 200, 200, 200, 200],
    );
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('requests wait for a connection; more than may wait are 503 with UO', async (t) => {
  const held: Peer[] = [];
  const backend = await startBackend(t, (peer) => void peer.socket.on('data', () => held.push(peer)));
  const sidecar = setUp(t, { pool: { maxConnections: 2, maxWaiting: 1 } });
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(backend.port)));
  const port = await sidecar.service();
  const peers = [await connect(port), await connect(port), await connect(port), await connect(port)] as const;
  for (const [index, peer] of peers.entries()) {
    peer.write(post);
    if (index < 3) await sidecar.outstanding(index + 1);
    for (let turn = 0; turn < 3000 && held.length < Math.min(index + 1, 2); turn++) await sleep(10);
  }
  await peers[3].sees('HTTP/1.1 503 ');
  t.is(sidecar.entries[0]?.['flags'], 'UO');
  t.is(backend.peers.length, 2);
  held.shift()?.write(ok);
  await peers[0].sees('ok');
  for (let turn = 0; turn < 3000 && held.length < 2; turn++) await sleep(10);
  for (const peer of held.splice(0)) peer.write(ok);
  await peers[1].sees('ok');
  await peers[2].sees('ok');
  t.is(backend.peers.length, 2);
  for (const peer of peers) peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that goes while its request waits leaves the queue', async (t) => {
  const backend = await startBackend(
    t,
    (peer) => void peer.socket.on('data', () => peer.text.includes('/go') && peer.write(ok)),
  );
  const sidecar = setUp(t, { pool: { maxConnections: 1, maxWaiting: 1 } });
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(backend.port)));
  const port = await sidecar.service();
  const [first, second, third] = [await connect(port), await connect(port), await connect(port)];
  first.write(get);
  await (await backend.peer(0)).sees('\r\n\r\n');
  second.write(get);
  await sidecar.outstanding(2);
  second.reset();
  await sidecar.logged(1);
  third.write(get.replace('/a', '/go'));
  await sidecar.outstanding(2);
  first.reset();
  await third.sees('ok');
  third.end();
  t.deepEqual(
    sidecar.entries.map((entry) => entry['flags']),
    ['DC', 'DC', undefined],
  );
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an idle connection is closed after the idle timeout, or before the endpoint would by its own word', async (t) => {
  const hinted = ok.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=2\r\n\r\n');
  for (const [reply, pool] of [
    [ok, { idleTimeoutMs: 500 }],
    [hinted, {}],
  ] as const) {
    await undisturbed(t, 200, async (round) => {
      const backend = await startBackend(round, (peer) => peer.socket.once('data', () => peer.write(reply)));
      const sidecar = setUp(round, { pool });
      const peer = await to(sidecar, backend.port);
      peer.write(get);
      await peer.sees('ok');
      const answeredAt = performance.now();
      round.notRegex(peer.text, /keep-alive/i);
      round.is(sidecar.registry.size.connections, 1);
      await (await backend.peer(0)).over();
      const afterMs = performance.now() - answeredAt;
      round.true(afterMs < 1900, `after ${afterMs} ms`);
      round.is(sidecar.registry.size.connections, 0);
      peer.end();
      round.deepEqual(await sidecar.leftovers(), []);
    });
  }
});

test('an endpoint that is removed finishes what is under way and keeps no connection', async (t) => {
  const backend = await startBackend(
    t,
    (peer) =>
      void peer.socket.on('data', () => peer.text.endsWith('/end HTTP/1.1\r\nHost: x\r\n\r\n') && peer.write(ok)),
  );
  const other = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await to(sidecar, backend.port);
  peer.write(get.replace('/a', '/wait'));
  const upstream = await backend.peer(0);
  await upstream.sees('/wait');
  sidecar.table.applyEndpoints(endpointsOf('cart', readyEndpoint(other.port)));
  const second = await connect(await sidecar.service());
  second.write(get);
  await second.sees('ok');
  t.is(other.requests.length, 1);
  upstream.write(ok);
  await peer.sees('ok');
  await upstream.over();
  t.is(sidecar.registry.size.endpoints, 1);
  peer.end();
  second.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a socket that cannot be made is a connection that cannot be made', async (t) => {
  const sidecar = setUp(t, {
    makeSocket: () => {
      throw new Error('socket failed: EMFILE');
    },
  });
  const peer = await to(sidecar, 9);
  peer.write(get);
  await peer.sees('HTTP/1.1 503 ');
  const [entry] = await sidecar.logged(1);
  t.is(entry?.['flags'], 'UF');
  t.regex(String(entry?.['reason']), /EMFILE/);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
