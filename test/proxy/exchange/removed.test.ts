import test from 'ava';
import type { Endpoints } from '../../../routing/model.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const upgrade = 'GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const routing = routingSample({ protocol: 'http1' });

test('when an endpoint is removed its idle connections close, what is under way finishes, and nothing new goes there', async (t) => {
  const old = await startBackend(t, (peer) =>
    peer.socket.on('data', (bytes: Buffer) => void (bytes.includes('/slow') || peer.write(ok))),
  );
  const next = await startOkBackend(t);
  const sidecar = setUp(t);
  sidecar.apply(routing, endpointsOf('cart', readyEndpoint(old.port)));
  const port = await sidecar.service();
  const slow = await connect(port);
  slow.write(get.replace('/a', '/slow'));
  const underWay = await old.peer(0);
  await underWay.sees('/slow');
  const client = await connect(port);
  client.write(get);
  await client.sees('ok');
  const idle = await old.peer(1);
  sidecar.apply(routing, endpointsOf('cart', readyEndpoint(next.port)));
  t.is(await idle.over(), 'fin');
  client.write(get);
  await client.until(({ text }) => text.split('HTTP/1.1 200').length === 3);
  t.is(old.peers.length, 2);
  underWay.write(ok);
  await slow.sees('ok');
  t.is(await underWay.over(), 'fin', 'its connection goes with the last request');
  t.is(sidecar.registry.size.endpoints, 1);
  client.end();
  slow.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a request that waits for a connection of a removed endpoint gets it, and it closes behind', async (t) => {
  const old = await startBackend(t, () => undefined);
  const next = await startOkBackend(t);
  const sidecar = setUp(t, { pool: { maxConnections: 1, maxWaiting: 1 } });
  sidecar.apply(routing, endpointsOf('cart', readyEndpoint(old.port)));
  const port = await sidecar.service();
  const [first, second] = [await connect(port), await connect(port)];
  first.write(get);
  const server = await old.peer(0);
  await server.sees('\r\n\r\n');
  second.write(get);
  await sidecar.outstanding(2);
  sidecar.apply(routing, endpointsOf('cart', readyEndpoint(next.port)));
  server.write(ok);
  await first.sees('ok');
  await server.until(({ text }) => text.split('GET /a').length === 3);
  server.write(ok);
  await second.sees('ok');
  t.is(await server.over(), 'fin');
  first.end();
  second.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const side of ['client', 'endpoint'] as const) {
  test(`an upgraded connection to a removed endpoint goes on until the ${side} ends it`, async (t) => {
    const old = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(switched)));
    const next = await startOkBackend(t);
    const sidecar = setUp(t);
    sidecar.apply(routing, endpointsOf('cart', readyEndpoint(old.port)));
    const client = await connect(await sidecar.service());
    client.write(upgrade);
    await client.sees('\r\n\r\n');
    const server = await old.peer(0);
    sidecar.apply(routing, endpointsOf('cart', readyEndpoint(next.port)));
    t.is(sidecar.registry.size.endpoints, 1);
    client.write('ping');
    await server.sees('ping');
    server.write('pong');
    await client.sees('pong');
    const [ends, hears] = side === 'client' ? [client, server] : [server, client];
    ends.end();
    t.is(await hears.over(), 'fin');
    hears.end();
    t.like((await sidecar.logged(1))[0], { status: 101, flags: undefined });
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

const limited: readonly (readonly [title: string, head: string])[] = [
  ['a request', get],
  ['a request with a body', 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb'],
  ['a request that wants to upgrade', upgrade],
  [
    'a request that expects 100-continue',
    'POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n',
  ],
];
for (const [title, head] of limited) {
  test(`${title} beyond the limits of its Service is 503 with UO at once`, async (t) => {
    const backend = await startBackend(t, () => undefined);
    const sidecar = setUp(t);
    const policy: Endpoints['policy'] = { maxConnections: 1, maxWaitingRequests: 0 };
    sidecar.apply(routing, { ...endpointsOf('cart', readyEndpoint(backend.port)), policy });
    const port = await sidecar.service();
    const [first, second] = [await connect(port), await connect(port)];
    first.write(get);
    const server = await backend.peer(0);
    await server.sees('\r\n\r\n');
    second.write(head);
    await second.sees('HTTP/1.1 503 ');
    t.like((await sidecar.logged(1))[0], { status: 503, flags: 'UO' });
    server.write(ok);
    await first.sees('ok');
    t.is(backend.peers.length, 1);
    first.end();
    second.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}
