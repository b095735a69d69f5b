import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { drain } from '../../../sidecar/shutdown.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { type Backend, startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar, type SidecarOptions } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';
import { silentListener } from '../silentListener.ts';

const get = 'GET /late HTTP/1.1\r\nHost: x\r\n\r\n';
const greeting = '220 hello\r\n';
const greet = (peer: Peer): void => peer.write(greeting);
const soon = { limits: { detectTimeoutMs: 30 } };

/** All requests to the Service `routed`; its own endpoints are those of `cart`. */
function routes() {
  const target = { type: 'Endpoints', endpoints: 'shop/routed:80', protocol: 'detect' } as const;
  const backends = [backendSample({ name: 'routed', target })];
  return [{ ...routeSample([]), rules: [{ index: 0, filters: [], backends, matches: [matchSample()] }] }];
}

/** A Service with a route, whose own server is this one, and where the route leads. */
async function routed(t: ExecutionContext, own: Backend | undefined, options: SidecarOptions = soon) {
  const target = await startOkBackend(t);
  const sidecar = setUp(t, options);
  const endpoints = own === undefined ? [] : [readyEndpoint(own.port)];
  sidecar.apply(
    routingSample({ routes: routes() }),
    endpointsOf('cart', ...endpoints),
    endpointsOf('routed', readyEndpoint(target.port)),
  );
  return { target, sidecar, peer: await connect(await sidecar.service()) };
}

async function ends(t: ExecutionContext, sidecar: Sidecar, peer: Peer): Promise<void> {
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
}

for (const direction of ['inbound', 'outbound'] as const) {
  test(`${direction}, a client that is silent at first has its requests served as requests`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t, soon);
    const peer = await connect(await sidecar.straight(backend.port, direction));
    const asked = await backend.peer(0);
    await sleep(100);
    peer.write(get);
    await peer.sees('200 OK');
    peer.write(get);
    await peer.until(({ text }) => text.split('200 OK').length === 3);
    await asked.over();
    t.is(asked.text, '', 'what was connected ahead is let go');
    t.is(backend.requests.length, 2);
    await ends(t, sidecar, peer);
    t.deepEqual(
      sidecar.entries.map(({ message, path, status }) => [message, path, status]),
      [
        ['request', '/late', 200],
        ['request', '/late', 200],
      ],
    );
  });
}

test('a client that is silent at first is routed', async (t) => {
  const own = await startBackend(t, () => undefined);
  const { target, sidecar, peer } = await routed(t, own);
  await own.peer(0);
  peer.write(get);
  await peer.sees('200 OK');
  t.is(target.requests.length, 1);
  t.is((await own.peer(0)).text, '');
  t.like((await sidecar.logged(1))[0], { message: 'request', backend: 'shop/routed:80', status: 200 });
  await ends(t, sidecar, peer);
});

test('beside a route, a server that speaks first is heard', async (t) => {
  const own = await startBackend(t, greet);
  const { target, sidecar, peer } = await routed(t, own);
  await peer.sees(greeting);
  peer.write('QUIT\r\n');
  await (await own.peer(0)).sees('QUIT\r\n');
  (await own.peer(0)).end();
  await ends(t, sidecar, peer);
  t.is(target.peers.length, 0);
  t.like((await sidecar.logged(1))[0], { message: 'connection', backend: 'shop/cart:80', bytesOut: greeting.length });
});

for (const [what, own] of [
  ['answers before it was asked', (peer: Peer) => peer.socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n')],
  ['ends', (peer: Peer) => peer.end()],
  ['resets', (peer: Peer) => peer.reset()],
] as const) {
  test(`where routes are attached, a server that ${what} tells nothing of its client`, async (t) => {
    const { target, sidecar, peer } = await routed(t, await startBackend(t, own));
    await sleep(300);
    t.is(peer.text, '');
    t.is(peer.ended, undefined);
    peer.write(get);
    await peer.sees('200 OK');
    t.is(target.requests.length, 1);
    await ends(t, sidecar, peer);
  });
}

test('where routes are attached, TLS that begins after its server ended is passed on over a new connection', async (t) => {
  const own = await startBackend(t, (peer, index) => {
    if (index === 0) peer.end();
  });
  const { sidecar, peer } = await routed(t, own);
  await (await own.peer(0)).over();
  await sleep(100);
  peer.write('\x16\x03\x01\0\x01\x01hello');
  const asked = await own.peer(1);
  await asked.sees('\x16\x03\x01\0\x01\x01hello');
  asked.write('answer');
  await peer.sees('answer');
  asked.end();
  await ends(t, sidecar, peer);
});

test('where routes are attached, a Service without a server of its own has its clients waited for', async (t) => {
  const { sidecar, peer } = await routed(t, undefined);
  await sleep(200);
  peer.write(get);
  await peer.sees('200 OK');
  await ends(t, sidecar, peer);
});

test('the end of a server that says nothing is passed on', async (t) => {
  const backend = await startBackend(t, (peer) => peer.end());
  const sidecar = setUp(t, soon);
  const peer = await connect(await sidecar.straight(backend.port));
  t.is(await peer.over(), 'fin');
  await ends(t, sidecar, peer);
  t.like(sidecar.entries[0], { message: 'connection', bytesOut: 0 });
  t.is(sidecar.entries[0]?.['flags'], undefined);
});

test('a server that cannot be reached is told to a silent client', async (t) => {
  const sidecar = setUp(t, soon);
  // No test is ever given this port: nobody listens there.
  const peer = await connect(await sidecar.straight(1));
  t.is(await peer.over(), 'reset');
  t.deepEqual(await sidecar.leftovers(), []);
  t.like((await sidecar.logged(1))[0], { message: 'connection', flags: 'UF' });
});

test('so is one that does not answer at all', async (t) => {
  const listener = await silentListener(t);
  const sidecar = setUp(t, { limits: { detectTimeoutMs: 30, connectTimeoutMs: 300 } });
  const peer = await connect(await sidecar.straight(listener));
  t.is(await peer.over(), 'reset');
  t.deepEqual(await sidecar.leftovers(), []);
  t.like((await sidecar.logged(1))[0], { flags: 'UF', reason: 'connecting to the endpoint took too long' });
});

test('a silent client that goes is a connection that has ended', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, soon);
  const peer = await connect(await sidecar.straight(backend.port));
  const asked = await backend.peer(0);
  peer.reset();
  await asked.over();
  t.deepEqual(await sidecar.leftovers(), []);
  t.like((await sidecar.logged(1))[0], { message: 'connection', flags: 'DC', bytesIn: 0 });
});

test('where both are silent for too long, both are let go and a line says so', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, { limits: { detectTimeoutMs: 30, idleTimeoutMs: 400 } });
  const peer = await connect(await sidecar.straight(backend.port));
  t.is(await peer.over(), 'reset');
  t.deepEqual(await sidecar.leftovers(), []);
  t.like((await sidecar.logged(1))[0], { message: 'connection', flags: 'UT' });
});

test('bytes that pass through after a silence go where it was connected to', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, soon);
  const peer = await connect(await sidecar.straight(backend.port));
  const asked = await backend.peer(0);
  await sleep(50);
  peer.write('\0\x01 binary');
  await asked.sees('\0\x01 binary');
  t.is(backend.peers.length, 1);
  asked.write('answer');
  await peer.sees('answer');
  asked.end();
  await ends(t, sidecar, peer);
});

test('a client that ends in silence still hears its server', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, soon);
  const peer = await connect(await sidecar.straight(backend.port));
  const asked = await backend.peer(0);
  peer.end();
  await asked.over();
  asked.socket.end(greeting);
  await peer.sees(greeting);
  t.deepEqual(await sidecar.leftovers(), []);
  t.is(backend.peers.length, 1);
});

test('a drain lets what is silent go', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, soon);
  const peer = await connect(await sidecar.straight(backend.port));
  await backend.peer(0);
  await drain({ ...sidecar.draining, graceMs: 20_000 });
  await peer.over();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('inbound, the application is asked long before the time for detection is over', async (t) => {
  const backend = await startBackend(t, greet);
  const sidecar = setUp(t, { inboundSilenceMs: 10 });
  const peer = await connect(await sidecar.straight(backend.port));
  await peer.sees(greeting);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('what is declared of a port of the application is known before the first byte', async (t) => {
  const backend = await startBackend(t, greet);
  const asOpaque = setUp(t, { inbound: [{ port: backend.port, protocol: 'opaque', declaredBy: ['shop/web:80'] }] });
  const heard = await connect(await asOpaque.straight(backend.port));
  await heard.sees(greeting);
  heard.reset();
  const asHttp = setUp(t, {
    ...soon,
    inbound: [{ port: backend.port, protocol: 'http1', declaredBy: ['shop/web:80'] }],
  });
  const refused = await connect(await asHttp.straight(backend.port));
  await sleep(150);
  t.is(backend.peers.length, 1, 'an application that waits for requests is not connected to before there is one');
  refused.write('\0 no request');
  await refused.sees('400 Bad Request');
  refused.end();
  t.deepEqual([await asOpaque.leftovers(), await asHttp.leftovers()], [[], []]);
});
