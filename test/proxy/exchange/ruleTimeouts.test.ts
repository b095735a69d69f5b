import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Timeouts } from '../../../routing/model.ts';
import { undisturbed } from '../../undisturbed.ts';
import { type Backend, startBackend, startOkBackend } from '../backend.ts';
import { connect } from '../peer.ts';
import { get, ok, post, ruled } from './ruled.ts';

const silent = (): void => undefined;
const never = 3_600_000;

const expiries: readonly (readonly [string, Timeouts, string])[] = [
  [
    'request',
    { requestMs: 1000 },
    'the response of the endpoint was not complete within timeouts.request of its rule, 1s',
  ],
  [
    'backendRequest',
    { backendRequestMs: 1000, requestMs: never },
    'the response of the endpoint was not complete within timeouts.backendRequest of its rule, 1s; not sent again: its rule has no retry',
  ],
];

for (const [timeout, timeouts, told] of expiries) {
  const longer: Timeouts = timeout === 'request' ? { requestMs: 1500 } : { backendRequestMs: 1500 };

  test(`${timeout}: an endpoint that does not answer is 504, and sees a reset`, async (t) => {
    const backend = await startBackend(t, silent);
    const { sidecar, client } = await ruled(t, { timeouts }, [backend.port]);
    client.write(get);
    await client.sees(`heddle: 504 ${told}\n`);
    t.regex(client.text, /^HTTP\/1.1 504 Gateway Timeout\r\n/);
    t.is(await (await backend.peer(0)).over(), 'reset');
    t.like((await sidecar.logged(1))[0], { status: 504, flags: 'UT', reason: told, attempts: undefined });
    // The client is not at fault, and may go on.
    client.text = '';
    client.write(get);
    await client.sees('heddle: 504');
    client.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`${timeout}: a response that has begun is cut off on both sides`, async (t) => {
    const backend = await startBackend(t, (peer) =>
      peer.socket.once('data', () => peer.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')),
    );
    const { sidecar, client } = await ruled(t, { timeouts: longer }, [backend.port]);
    client.write(get);
    await client.sees('half');
    t.is(await client.over(), 'reset');
    t.is(await (await backend.peer(0)).over(), 'reset');
    const [entry] = await sidecar.logged(1);
    t.like(entry, { status: 200, flags: 'UT', bytesOut: 4 });
    t.regex(String(entry?.['reason']), new RegExp(`not complete within timeouts.${timeout} of its rule, 1500ms`));
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`${timeout}: a connection that was upgraded is not bound by it`, async (t) => {
    const backend = await startBackend(t, (peer) =>
      peer.socket.once('data', () =>
        peer.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
      ),
    );
    const { sidecar, client } = await ruled(t, { timeouts: longer }, [backend.port]);
    client.write('GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await client.sees('101');
    await sleep(1800);
    client.write('still here');
    await (await backend.peer(0)).sees('still here');
    client.end();
    (await backend.peer(0)).end();
    t.like((await sidecar.logged(1))[0], { status: 101, flags: undefined });
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`${timeout}: a client that does not send its body is 408, and the endpoint is not blamed`, async (t) => {
    const backend = await startBackend(t, silent);
    const { sidecar, client } = await ruled(t, { timeouts, retry: { attempts: 3, codes: [504] } }, [backend.port]);
    client.write(post('', 'Content-Length: 4'));
    await client.sees('heddle: 408');
    t.is(await client.over(), 'fin');
    t.is(await (await backend.peer(0)).over(), 'reset');
    const reason = `the client had not sent all of its request within timeouts.${timeout} of its rule, 1s`;
    t.like((await sidecar.logged(1))[0], { status: 408, flags: 'SI', reason, attempts: undefined });
    for (const { measure } of sidecar.registry.given) t.true(measure.cost(performance.now(), 0) < 10);
    client.socket.destroy();
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`${timeout}: a client that does not take its response is not the endpoint's fault`, async (t) => {
    const flood = 'x'.repeat(20_000_000);
    const backend = await startBackend(t, (peer) =>
      peer.socket.once('data', () => peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${flood.length}\r\n\r\n${flood}`)),
    );
    const { sidecar, client } = await ruled(t, { timeouts: longer }, [backend.port]);
    client.socket.pause();
    client.write(get);
    const reason = `the client had not taken all of its response within timeouts.${timeout} of its rule, 1500ms`;
    t.like((await sidecar.logged(1))[0], { status: 200, flags: 'SI', reason });
    for (const { measure } of sidecar.registry.given) t.true(measure.cost(performance.now(), 0) < 2000);
    client.socket.destroy();
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test.serial(`${timeout}: what came in time counts, however long this process stood still`, async (t) => {
    const backend = await startBackend(t, (peer) =>
      peer.socket.once('data', () => {
        peer.write(ok);
        for (const until = performance.now() + 1800; performance.now() < until;);
      }),
    );
    const { sidecar, client } = await ruled(t, { timeouts: longer }, [backend.port]);
    client.write(get);
    await client.sees('ok');
    t.is(client.text, ok);
    client.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`${timeout}: a client that goes away is told of once`, async (t) => {
    const backend = await startBackend(t, silent);
    const { sidecar, client } = await ruled(t, { timeouts: longer }, [backend.port]);
    client.write(get);
    await (await backend.peer(0)).sees('GET');
    client.reset();
    t.like((await sidecar.logged(1))[0], { flags: 'DC' });
    t.deepEqual(await sidecar.leftovers(), []);
    await sleep(1800);
    t.is(sidecar.entries.length, 1);
  });
}

/** Answers after what the query says, as the suite's server does. */
function delayed(t: Parameters<typeof startBackend>[0]): Promise<Backend> {
  return startBackend(t, (peer) =>
    peer.socket.on('data', (data) => {
      const delay = Number(/\?delay=(\d+)/.exec(String(data))?.[1] ?? 0);
      setTimeout(() => peer.write(ok), delay);
    }),
  );
}

// As HTTPRouteTimeoutRequest and HTTPRouteTimeoutBackendRequest, and a case where a coarse sweep would not do.
const suite: readonly (readonly [string, Timeouts | undefined, number, number])[] = [
  ['request 500ms: an answer at once is 200', { requestMs: 500 }, 0, 200],
  ['request 500ms: an answer after 1s is 504', { requestMs: 500 }, 1000, 504],
  ['request 500ms: an answer after 600ms is 504', { requestMs: 500 }, 600, 504],
  ['request 500ms: an answer after 400ms is 200', { requestMs: 500 }, 400, 200],
  ['request 0s: an answer after 1s is 200', undefined, 1000, 200],
  ['backendRequest 500ms: an answer at once is 200', { backendRequestMs: 500 }, 0, 200],
  ['backendRequest 500ms: an answer after 1s is 504', { backendRequestMs: 500 }, 1000, 504],
  ['backendRequest 500ms: an answer after 600ms is 504', { backendRequestMs: 500 }, 600, 504],
  ['backendRequest 500ms: an answer after 400ms is 200', { backendRequestMs: 500 }, 400, 200],
];

for (const [title, timeouts, delayMs, status] of suite) {
  test.serial(title, async (t) => {
    await undisturbed(t, 80, async (round) => {
      const backend = await delayed(round);
      const { client } = await ruled(round, timeouts === undefined ? {} : { timeouts }, [backend.port]);
      client.write(get.replace('/a', `/a?delay=${delayMs}`));
      await client.sees('\r\n\r\n');
      round.is(client.text.slice(9, 12), String(status));
      client.end();
    });
  });
}

test('waiting for a connection counts as well, and a request that never left may be sent again', async (t) => {
  const busy = await startBackend(t, silent);
  const idle = await startOkBackend(t);
  const rule = { timeouts: { backendRequestMs: 1500 }, retry: { attempts: 1, codes: [] } };
  const { sidecar, client, service } = await ruled(t, rule, [busy.port, idle.port], { pool: { maxConnections: 1 } });
  const first = await connect(service);
  first.write(get);
  await (await busy.peer(0)).sees('GET');
  client.write(post('x'));
  await client.sees('ok');
  first.end();
  client.end();
  t.is(busy.peers.length, 1);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that waits for 100 Continue is not the slow one, until it has it', async (t) => {
  const backend = await startBackend(t, (peer, index) =>
    peer.socket.once('data', () => index === 1 && peer.write('HTTP/1.1 100 Continue\r\n\r\n')),
  );
  const { sidecar, client, service } = await ruled(t, { timeouts: { requestMs: 1500 } }, [backend.port]);
  client.write(post('', 'Content-Length: 4\r\nExpect: 100-continue'));
  await client.sees('heddle: 504');
  const asked = await connect(service);
  asked.write(post('', 'Content-Length: 4\r\nExpect: 100-continue'));
  await asked.sees('heddle: 408');
  t.like(await sidecar.logged(2), [{ flags: 'UT' }, { flags: 'SI' }]);
  client.end();
  asked.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
