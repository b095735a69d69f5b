import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { drain } from '../../sidecar/shutdown.ts';
import { startOkBackend } from './backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from './harness.ts';
import { connect } from './peer.ts';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test('a request that has arrived but was not read yet is answered', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  while (sidecar.proxy.connections.size === 0) await turn();
  peer.write(get);
  const draining = drain({ proxy: sidecar.proxy, listeners: sidecar.servers, graceMs: 2000 });
  await peer.over();
  peer.end();
  await draining;
  t.regex(peer.text, /^HTTP\/1.1 200 OK\r\n/);
});

test('a connection that waits for the agent keeps its request', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { discoveryWaitMs: 1000 } });
  const peer = await connect(await sidecar.service());
  peer.write(get);
  while (sidecar.proxy.connections.size === 0) await turn();
  const draining = drain({ proxy: sidecar.proxy, listeners: sidecar.servers, graceMs: 2000 });
  setTimeout(() => sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port))), 100);
  await peer.over();
  peer.end();
  await draining;
  t.regex(peer.text, /^HTTP\/1.1 200 OK\r\n/);
});
