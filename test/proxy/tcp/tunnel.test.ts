import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const opaque = routingSample({ protocol: 'opaque' });
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, at) => at));

test('bytes pass both ways as they are, and each side half-closes on its own', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  peer.write(everyByte);
  const upstream = await backend.peer(0);
  await upstream.receives(256);
  t.is(upstream.text, everyByte.toString('latin1'));
  peer.end();
  t.is(await upstream.over(), 'fin');
  upstream.write(everyByte);
  await peer.receives(256);
  t.is(peer.text, everyByte.toString('latin1'));
  t.is(peer.ended, undefined);
  upstream.end();
  t.is(await peer.over(), 'fin');
  const [entry] = await sidecar.logged(1);
  t.like(entry, {
    message: 'connection',
    direction: 'outbound',
    service: 'shop/cart:80',
    backend: 'shop/cart:80',
    endpoint: `127.0.0.1:${backend.port}`,
    bytesIn: 256,
    bytesOut: 256,
    revision: 'r1',
  });
  t.is(entry?.['flags'], undefined);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that half-closes without a byte still gets what the server says', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.write('hello');
    peer.end();
  });
  const sidecar = setUp(t);
  sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  peer.end();
  t.is(await peer.over(), 'fin');
  t.is(peer.text, 'hello');
  t.like((await sidecar.logged(1))[0], { message: 'connection', bytesIn: 0, bytesOut: 5 });
  t.deepEqual(await sidecar.leftovers(), []);
});

test('the server may half-close first', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.write('bye');
    peer.end();
  });
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  t.is(await peer.over(), 'fin');
  t.is(peer.text, 'bye');
  peer.write('still here');
  peer.end();
  await (await backend.peer(0)).sees('still here');
  t.is((await sidecar.logged(1))[0]?.['flags'], undefined);
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const side of ['client', 'server'] as const) {
  test(`a reset of the ${side} shows as a reset on the other side`, async (t) => {
    const backend = await startBackend(t, (peer) => peer.write('hello'));
    const sidecar = setUp(t);
    sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
    const peer = await connect(await sidecar.service());
    await peer.sees('hello');
    const upstream = await backend.peer(0);
    (side === 'client' ? peer : upstream).reset();
    t.is(await (side === 'client' ? upstream : peer).over(), 'reset');
    t.is((await sidecar.logged(1))[0]?.['flags'], side === 'client' ? 'DC' : 'UC');
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

/** How a connection ends; one that is reset fast may never seem to have been made. */
async function endOf(port: number): Promise<string> {
  try {
    return await (await connect(port)).over();
  } catch {
    return 'reset';
  }
}

test('a server that refuses resets the client, with UF', async (t) => {
  const sidecar = setUp(t);
  // No test is ever given this port: nobody listens there.
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(1)));
  t.is(await endOf(await sidecar.service()), 'reset');
  t.is((await sidecar.logged(1))[0]?.['flags'], 'UF');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a Service without endpoints resets the client, with UH', async (t) => {
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart'));
  t.is(await endOf(await sidecar.service()), 'reset');
  const [entry] = await sidecar.logged(1);
  t.is(entry?.['flags'], 'UH');
  t.regex(String(entry?.['reason']), /shop\/cart:80/);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('without a byte either way it ends after the idle timeout, with UT', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, { limits: { idleTimeoutMs: 4000 } });
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  const upstream = await backend.peer(0);
  for (let turn = 0; turn < 4; turn++) {
    await sleep(1200);
    (turn % 2 === 0 ? peer : upstream).write('x');
  }
  t.is(peer.ended, undefined);
  await peer.over();
  await upstream.over();
  t.is((await sidecar.logged(1))[0]?.['flags'], 'UT');
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const protocol of ['opaque', 'detect'] as const) {
  test(`connections of a Service (${protocol}) beyond its own limit are reset, and its places are used again`, async (t) => {
    const backend = await startBackend(t, (peer) => void (protocol === 'detect' && peer.write('hello')));
    const sidecar = setUp(t, { limits: { detectTimeoutMs: 20 } });
    const endpoints = endpointsOf('cart', readyEndpoint(backend.port));
    sidecar.apply(routingSample({ protocol }), { ...endpoints, policy: { maxConnections: 2 } });
    const port = await sidecar.service();
    const open = async (at: number) => {
      const peer = await connect(port);
      if (protocol === 'opaque') peer.write('a');
      const upstream = await backend.peer(at);
      if (protocol === 'opaque') await upstream.sees('a');
      else await peer.sees('hello');
      return peer;
    };
    const first = await open(0);
    const second = await open(1);
    // At once, where nothing has to be found out first: its client may not even see that it stood.
    const how = await connect(port).then(
      (third) => third.over(),
      () => 'reset',
    );
    t.is(how, 'reset');
    t.like((await sidecar.logged(1))[0], { message: 'connection', flags: 'UO' });
    first.reset();
    await sidecar.logged(2);
    const again = await open(protocol === 'opaque' ? 2 : 3);
    for (const peer of [second, again]) peer.reset();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}
