import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { clock } from '../../../proxy/socket/clock.ts';
import { routeSample } from '../../routing/samples.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask, connect } from '../peer.ts';

const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';

test('a server that speaks first is heard, once the client has been silent for a moment', async (t) => {
  const backend = await startBackend(t, (peer) => peer.write('220 hello\r\n'));
  const sidecar = setUp(t, { limits: { detectTimeoutMs: 100 } });
  const peer = await connect(await sidecar.straight(backend.port));
  await peer.sees('220 hello\r\n');
  peer.write('QUIT\r\n');
  await (await backend.peer(0)).sees('QUIT\r\n');
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('on an opaque port it is heard at once', async (t) => {
  const backend = await startBackend(t, (peer) => peer.write('220 hello\r\n'));
  const sidecar = setUp(t, { opaquePorts: [backend.port] });
  const peer = await connect(await sidecar.straight(backend.port));
  await peer.sees('220 hello\r\n');
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that spoke while the process was kept from running was not silent', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { detectTimeoutMs: 2500 } });
  const peer = await connect(await sidecar.straight(backend.port));
  while (sidecar.engine.connections.size === 0) await sleep(1);
  // From here the timers are looked at before the sockets.
  await new Promise((resolve) => setImmediate(resolve));
  peer.write(get);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
  await peer.sees('ok');
  t.like((await sidecar.logged(1))[0], { message: 'request', method: 'GET', status: 200 });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

const passed: Readonly<Record<string, string>> = {
  'a TLS hello': '\x16\x03\x01\x00\x05\x01ello',
  garbage: '\x00\xff\x01 nonsense',
  'a text protocol': 'EHLO example.org\r\n',
};
for (const [title, bytes] of Object.entries(passed)) {
  for (const pieces of ['one piece', 'single bytes']) {
    test(`${title} in ${pieces} passes through, to the endpoints of the Service`, async (t) => {
      const backend = await startBackend(t, () => undefined);
      const sidecar = setUp(t);
      sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port)));
      const peer = await connect(await sidecar.service());
      for (const piece of pieces === 'one piece' ? [bytes] : bytes.split('')) {
        peer.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const upstream = await backend.peer(0);
      await upstream.receives(bytes.length);
      t.is(upstream.text, bytes);
      upstream.end();
      peer.end();
      t.like((await sidecar.logged(1))[0], { message: 'connection', backend: 'shop/cart:80', bytesIn: bytes.length });
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

test('where routes are attached, TLS passes through and the log says so', async (t) => {
  const backend = await startBackend(t, (peer) => peer.end());
  const sidecar = setUp(t);
  sidecar.apply(routingSample({ routes: [routeSample([])] }), endpointsOf('cart', readyEndpoint(backend.port)));
  await ask(await sidecar.service(), '\x16\x03\x01\0\x05\x01ello');
  const [entry] = await sidecar.logged(1);
  t.regex(String(entry?.['reason']), /routes do not apply/);
  const upstream = await backend.peer(0);
  await upstream.receives(10);
  t.is(upstream.text, '\x16\x03\x01\0\x05\x01ello');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('the line of a connection names the Service that it went to, though that is gone at its end', async (t) => {
  const backend = await startBackend(t, (peer) => peer.write('220 hello\r\n'));
  const sidecar = setUp(t);
  sidecar.apply(routingSample({ protocol: 'opaque' }), endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  await peer.sees('220 hello\r\n');
  sidecar.table.removeRouting('10.96.0.10:80');
  peer.end();
  (await backend.peer(0)).end();
  const [entry] = await sidecar.logged(1);
  t.like(entry, { message: 'connection', service: 'shop/cart:80', backend: 'shop/cart:80', revision: 'r1' });
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a request that is not quite HTTP/1.1 cannot pass by the routes of its port', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { opaquePorts: [80, 8080, backend.port] });
  sidecar.apply(routingSample({ routes: [routeSample([])] }), endpointsOf('cart', readyEndpoint(backend.port)));
  for (const bytes of [
    'GET /x\r\n\r\n',
    'M_OVE2 /x HTTP/1.7\r\n\r\n',
    'EHLO x\r\n\r\n',
    '\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n',
    '\0\x01 binary',
  ])
    t.regex(await ask(await sidecar.service(), bytes), /^HTTP\/1.1 (?:400|505) /, bytes);
  t.is(backend.peers.length, 0);
  const [entry] = await sidecar.logged(5);
  t.like(entry, { flags: 'DPE', service: 'shop/cart:80' });
  t.deepEqual(await sidecar.leftovers(), []);
});

test('garbage on a port that is declared HTTP is 400', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(backend.port)));
  for (const bytes of ['\0\xff\x01\r\n\r\n', 'EHLO example.org\r\n\r\n', '\r\r\n\n\r\n\r\n'])
    t.regex(await ask(await sidecar.service(), bytes), /^HTTP\/1.1 400 /);
  t.is(backend.peers.length, 0);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that ends within its first line is let go', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(backend.port)));
  for (const bytes of ['', 'G', 'GET /a HTT', get.slice(0, -2)]) t.is(await ask(await sidecar.service(), bytes), '');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a silent connection to a port that is declared HTTP is closed after the idle timeout', async (t) => {
  const sidecar = setUp(t, { limits: { idleTimeoutMs: 300 } });
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart'));
  const peer = await connect(await sidecar.service());
  await peer.over();
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a first word that trickles in is not waited for beyond the time for detection', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, { limits: { detectTimeoutMs: 300 } });
  const peer = await connect(await sidecar.straight(backend.port));
  // However much of it comes, it may still become a request line.
  peer.write('ru');
  const trickle = setInterval(() => peer.write('o'), 50);
  t.teardown(() => clearInterval(trickle));
  await (await backend.peer(0)).sees('ruo');
  t.is(peer.text, '', 'passed through as it is');
  clearInterval(trickle);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a request line that is late in its pieces is a request all the same', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { detectTimeoutMs: 50 } });
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('GET /admin HT');
  await sleep(300);
  peer.write('TP/1.1\r\nHost: x\r\n\r\n');
  await peer.sees('200 OK');
  t.like((await sidecar.logged(1))[0], { message: 'request', path: '/admin', status: 200 });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

// Serial, since the clock is everybody's.
test.serial('a tunnel that opens after a long quiet time does not end at once', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, { opaquePorts: [backend.port] });
  const port = await sidecar.straight(backend.port);
  clock.ms = performance.now() - 3_600_000;
  const peer = await connect(port);
  await backend.peer(0);
  await sleep(800);
  t.is(peer.ended, undefined);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('inbound and passed through, the log says so and names no Service', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  await ask(await sidecar.straight(backend.port, 'inbound'), get);
  await ask(await sidecar.straight(backend.port, 'outbound'), get);
  const [inbound, outbound] = await sidecar.logged(2);
  t.like(inbound, { direction: 'inbound', status: 200, endpoint: `127.0.0.1:${backend.port}` });
  t.like(outbound, { direction: 'outbound', status: 200, backend: 'passthrough' });
  t.is(inbound?.['service'] ?? inbound?.['backend'], undefined);
  t.deepEqual(await sidecar.leftovers(), []);
  t.is(sidecar.registry.size.endpoints, 0);
});
