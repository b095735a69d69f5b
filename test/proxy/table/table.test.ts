import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Filter, ServiceRouting } from '../../../routing/model.ts';
import { backendSample, matchSample, pattern, routeSample } from '../../routing/samples.ts';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** Everything to the endpoints of one Service. */
function routeTo(name: string): ServiceRouting {
  const target = { type: 'Endpoints', endpoints: `shop/${name}:80`, protocol: 'detect' } as const;
  const rules = [{ index: 0, filters: [], backends: [backendSample({ name, target })], matches: [matchSample()] }];
  return routingSample({ routes: [{ ...routeSample([]), rules }] });
}

function mirror(name: string): Filter {
  const target = { type: 'Endpoints', endpoints: `shop/${name}:80`, protocol: 'detect' } as const;
  return { type: 'RequestMirror', namespace: 'shop', name, port: 80, target, fraction: 1 };
}

test('a destination is subscribed to on its first use only', (t) => {
  const { table, interest } = setUp(t);
  t.is(table.lookup('10.96.0.10:80'), table.lookup('10.96.0.10:80'));
  t.deepEqual(interest, ['+routing 10.96.0.10:80']);
});

test('a routing is swapped under an open connection once its endpoints are there, never before', async (t) => {
  const one = await startOkBackend(t);
  const two = await startOkBackend(t);
  const sidecar = setUp(t);
  sidecar.apply(routeTo('one'), endpointsOf('cart'), endpointsOf('one', readyEndpoint(one.port)));
  const peer = await connect(await sidecar.service());
  let count = 0;
  const send = async (): Promise<void> => {
    peer.write(get);
    await peer.until(({ text }) => text.split('200 OK').length === count + 2);
    count++;
  };
  await send();
  sidecar.table.applyRouting('10.96.0.10:80', routeTo('two'), 'r2');
  await send();
  t.is(one.requests.length, 2, 'the old routing stays until the endpoints of the new one come');
  t.true(sidecar.interest.includes('+endpoints shop/two:80'));
  sidecar.table.applyEndpoints(endpointsOf('two', readyEndpoint(two.port)));
  await send();
  t.is(two.requests.length, 1);
  t.true(sidecar.interest.includes('-endpoints shop/one:80'), 'what is not referred to any more is dropped');
  t.deepEqual(
    sidecar.entries.map((entry) => entry['revision']),
    ['r1', 'r1', 'r2'],
  );
  sidecar.table.removeRouting('10.96.0.10:80');
  t.deepEqual(sidecar.table.size, { destinations: 1, groups: 0 });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('the endpoints of mirrors, on rules and on backends, are asked for like those of backends', (t) => {
  const sidecar = setUp(t);
  const backends = [backendSample({ filters: [mirror('b')] })];
  const rules = [{ index: 0, filters: [mirror('a')], backends, matches: [matchSample()] }];
  const { name } = sidecar.table.lookup('10.96.0.10:80');
  sidecar.table.applyRouting(name, routingSample({ routes: [{ ...routeSample([]), rules }] }), 'r1');
  const asked = sidecar.interest.filter((one) => one.startsWith('+endpoints')).toSorted();
  t.deepEqual(asked, ['+endpoints shop/a:80', '+endpoints shop/b:80', '+endpoints shop/cart:80']);
});

test('of two routings that wait for endpoints the later one wins', (t) => {
  const sidecar = setUp(t);
  sidecar.apply(routeTo('one'), endpointsOf('cart'), endpointsOf('one'));
  const destination = sidecar.table.lookup('10.96.0.10:80');
  sidecar.table.applyRouting(destination.name, routeTo('two'), 'r2');
  sidecar.table.applyRouting(destination.name, routeTo('three'), 'r3');
  t.deepEqual(sidecar.interest.slice(-2), ['+endpoints shop/three:80', '-endpoints shop/two:80']);
  sidecar.table.applyEndpoints(endpointsOf('two'));
  t.is(destination.compiled?.revision, 'r1');
  sidecar.table.applyEndpoints(endpointsOf('three'));
  t.is(destination.compiled?.revision, 'r3');
});

test('a routing whose regular expression does not compile is rejected whole; the old one stays', (t) => {
  const sidecar = setUp(t);
  sidecar.apply(routeTo('one'), endpointsOf('cart'), endpointsOf('one'));
  const destination = sidecar.table.lookup('10.96.0.10:80');
  const bad = routingSample({
    endpoints: 'shop/other:80',
    routes: [routeSample([[matchSample({ path: pattern('(') })]])],
  });
  t.regex(sidecar.table.applyRouting(destination.name, bad, 'r2') ?? '', /\(/);
  t.is(destination.compiled?.revision, 'r1');
  t.is(destination.staged, undefined);
  t.deepEqual(sidecar.table.size, { destinations: 1, groups: 2 });
});

test('a connection waits for the word of the agent, and then goes where the routing says', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { discoveryWaitMs: 60_000 } });
  const peer = await connect(await sidecar.service());
  peer.write(get);
  await sleep(100);
  t.is(peer.text, '');
  sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port)));
  await peer.sees('200 OK');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [title, agentConnected] of [
  ['after the wait when the agent is silent', true],
  ['at once when there is no agent', false],
] as const) {
  test(`a connection passes through ${title}`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t, {
      agentConnected: () => agentConnected,
      limits: { discoveryWaitMs: agentConnected ? 100 : 60_000 },
    });
    const port = await sidecar.service('127.0.0.1', backend.port);
    for (let turn = 0; turn < 3; turn++) {
      const peer = await connect(port);
      peer.write(get);
      await peer.sees('200 OK');
      peer.end();
      await peer.over();
    }
    t.is(sidecar.entries[0]?.['backend'], 'passthrough');
    const destination = sidecar.table.lookup(`127.0.0.1:${backend.port}`);
    t.is(
      (destination as unknown as { settling: { waiters: Set<unknown> } }).settling.waiters.size,
      0,
      'nobody is kept waiting',
    );
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('a connection that passed through because no agent answered is routed once one does', async (t) => {
  const direct = await startOkBackend(t);
  const routed = await startOkBackend(t);
  const sidecar = setUp(t, { agentConnected: () => false });
  const name = `127.0.0.1:${direct.port}`;
  const port = await sidecar.service('127.0.0.1', direct.port);
  const early = await connect(port);
  early.write(get);
  await early.sees('200 OK');
  t.is(direct.requests.length, 1);
  t.is(sidecar.table.lookup(name).state, 'pending');
  t.true(sidecar.interest.includes(`+routing ${name}`), 'it is asked for still');
  sidecar.table.applyRouting(name, routingSample(), 'r1');
  sidecar.table.applyEndpoints(endpointsOf('cart', readyEndpoint(routed.port)));
  early.write(get);
  await early.until(({ text }) => text.split('200 OK').length === 3);
  t.is(routed.requests.length, 1, 'on the same connection');
  const late = await connect(port);
  late.write(get);
  await late.sees('200 OK');
  t.is(routed.requests.length, 2, 'and on a new one');
  early.end();
  late.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a destination that the agent does not know passes through, and is routed once it does', async (t) => {
  const direct = await startOkBackend(t);
  const routed = await startOkBackend(t);
  const sidecar = setUp(t);
  const name = `127.0.0.1:${direct.port}`;
  const port = await sidecar.service('127.0.0.1', direct.port);
  sidecar.table.removeRouting(name);
  const peer = await connect(port);
  peer.write(get);
  await peer.sees('ok');
  t.is(direct.requests.length, 1);
  sidecar.table.applyRouting(name, routingSample(), 'r1');
  sidecar.table.applyEndpoints(endpointsOf('cart', readyEndpoint(routed.port)));
  peer.write(get);
  await peer.until(({ text }) => text.split('200 OK').length === 3);
  t.is(routed.requests.length, 1, 'on the same connection');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('endpoints and routings that nobody asked for are not kept', (t) => {
  const { table, registry } = setUp(t);
  table.applyEndpoints(endpointsOf('cart', readyEndpoint(1)));
  t.is(table.applyRouting('10.96.0.99:80', routingSample(), 'r1'), undefined);
  table.removeRouting('10.96.0.99:80');
  t.deepEqual(table.size, { destinations: 0, groups: 0 });
  t.is(registry.size.endpoints, 0);
});

test('a first routing that is rejected lets connections pass through without a wait', (t) => {
  const { table } = setUp(t);
  const destination = table.lookup('10.96.0.10:80');
  table.rejectRouting('10.96.0.10:80');
  t.is(destination.state, 'unknown');
});

test('first endpoints that are rejected fail their backend, and are not waited for', (t) => {
  const sidecar = setUp(t);
  const { table } = sidecar;
  const destination = table.lookup('10.96.0.10:80');
  t.is(sidecar.apply(routeTo('one'), endpointsOf('cart')), undefined);
  t.is(destination.state, 'pending');
  table.rejectEndpoints('shop/one:80');
  t.is(destination.state, 'known');
  t.is(destination.compiled?.revision, 'r1');
  table.applyEndpoints(endpointsOf('one'));
  t.is(destination.compiled?.revision, 'r1');
});

test('a routing whose first endpoints are rejected waits where there is an earlier one, also for other endpoints', (t) => {
  const sidecar = setUp(t);
  sidecar.apply(routeTo('one'), endpointsOf('cart'), endpointsOf('one'));
  const destination = sidecar.table.lookup('10.96.0.10:80');
  sidecar.table.applyRouting(destination.name, routeTo('two'), 'r2');
  sidecar.table.rejectEndpoints('shop/two:80');
  t.is(destination.compiled?.revision, 'r1');
  sidecar.table.applyEndpoints(endpointsOf('two'));
  t.is(destination.compiled?.revision, 'r2');
  sidecar.table.rejectEndpoints('shop/two:80');
  t.is(destination.compiled?.revision, 'r2', 'and what is known stays');
});

test('a rejected routing leaves the last good one in place', (t) => {
  const sidecar = setUp(t);
  sidecar.apply(routingSample(), endpointsOf('cart'));
  sidecar.table.rejectRouting('10.96.0.10:80');
  const destination = sidecar.table.lookup('10.96.0.10:80');
  t.is(destination.state, 'known');
  t.not(destination.compiled, undefined);
});

test('a rejected routing leaves a good one that still waits for its endpoints', (t) => {
  const sidecar = setUp(t);
  const { table } = sidecar;
  const destination = table.lookup('10.96.0.10:80');
  t.is(sidecar.apply(routeTo('one'), endpointsOf('cart')), undefined);
  table.rejectRouting('10.96.0.10:80');
  table.applyEndpoints(endpointsOf('one'));
  t.is(destination.state, 'known');
  t.is(destination.compiled?.revision, 'r1');
  table.removeRouting('10.96.0.10:80');
  t.deepEqual(table.size, { destinations: 1, groups: 0 });
});

test('a pod that calls ever more addresses keeps its Services and a bounded number of others', (t) => {
  const sidecar = setUp(t);
  sidecar.apply(routingSample(), endpointsOf('cart'));
  const { table, interest } = sidecar;
  const scan = (first: number, count: number): void => {
    for (let at = first; at < first + count; at++) table.lookup(`192.0.2.1:${at}`);
  };
  scan(1, 12_000);
  t.is(table.size.destinations, 10_000);
  t.is(interest.at(-2), '-routing 192.0.2.1:2001');
  t.is(table.lookup('10.96.0.10:80').state, 'known');

  for (let at = 2002; at <= 12_000; at++) table.lookup(`192.0.2.1:${at}`).begin();
  t.is(table.lookup('192.0.2.2:80').state, 'unknown', 'with all in use, a further one is not asked for');
  t.is(table.size.destinations, 10_000);
});
