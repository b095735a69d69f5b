import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Detected } from '../../proxy/serve/detected.ts';
import { drain } from '../../sidecar/shutdown.ts';
import { undisturbed } from '../undisturbed.ts';
import { startOkBackend } from '../proxy/backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../proxy/harness.ts';
import { connect } from '../proxy/peer.ts';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test('a request that has arrived but was not read yet is answered', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  while (sidecar.engine.connections.size === 0) await turn();
  peer.write(get);
  const draining = drain({ ...sidecar.draining, graceMs: 20_000 });
  await peer.over();
  peer.end();
  await draining;
  t.regex(peer.text, /^HTTP\/1.1 200 OK\r\n/);
});

test('a connection that waits for the agent keeps its request', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { discoveryWaitMs: 20_000 } });
  const peer = await connect(await sidecar.service());
  peer.write(get);
  while (sidecar.engine.connections.size === 0) await turn();
  const draining = drain({ ...sidecar.draining, graceMs: 20_000 });
  setTimeout(() => sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port))), 100);
  await peer.over();
  peer.end();
  await draining;
  t.regex(peer.text, /^HTTP\/1.1 200 OK\r\n/);
});

test('a caller may send on an idle connection, and connect, for a last second; then it is closed', async (t) => {
  await undisturbed(t, 300, async (round) => {
    const backend = await startOkBackend(round);
    const sidecar = setUp(round);
    const port = await sidecar.straight(backend.port);
    const idle = await connect(port);
    idle.write(get);
    await idle.sees('ok');
    const late = await connect(port);
    late.write(get);
    await late.sees('ok');
    const startedAt = performance.now();
    const draining = drain({ ...sidecar.draining, graceMs: 20_000 });
    await sleep(300);
    late.write(get);
    await late.until(({ text, closed }) => text.split('200 OK').length === 3 || closed);
    round.regex(late.text, /Connection: close\r\n/i);
    const fresh = await connect(port);
    fresh.write(get);
    await fresh.sees('ok');
    round.is(idle.ended, undefined);
    for (const peer of [idle, late, fresh]) {
      round.is(await peer.over(), 'fin');
      peer.end();
    }
    await draining;
    round.true(performance.now() - startedAt < 2000);
    await round.throwsAsync(connect(port), { code: 'ECONNREFUSED' });
  });
});

test('a request that came just before the second look, and is not read yet, is answered', async (t) => {
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight((await startOkBackend(t)).port, 'outbound'));
  peer.write(get);
  await peer.sees('ok');
  const drained = drain({ ...sidecar.draining, graceMs: 20_000 });
  const [served] = [...sidecar.engine.connections].map((one) => one.served);
  // The look that finds it idle first sets a timer that is due together with the next look, and before it.
  Object.defineProperty(served, 'idle', {
    get(this: Detected) {
      setTimeout(() => peer.write(get), 20);
      Reflect.deleteProperty(this, 'idle');
      return this.idle;
    },
    configurable: true,
  });
  await peer.over();
  t.is(peer.text.split('HTTP/1.1 200').length, 3);
  peer.end();
  await drained;
  t.deepEqual(await sidecar.leftovers(), []);
});
