import test, { type ExecutionContext } from 'ava';
import type { EndpointPolicy } from '../../../routing/model.ts';
import type { UpstreamEndpoint } from '../../../proxy/upstream/endpoint.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { answerOf, connectTunnels, openTunnel, routeTo, startHttp2Tunnels } from '../http2/tunnelling.ts';
import { ask, connect } from '../peer.ts';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** The endpoint of a Service that wants this; nothing is listening there. */
async function given(t: ExecutionContext, policy: EndpointPolicy): Promise<UpstreamEndpoint> {
  const sidecar = setUp(t);
  sidecar.apply(routingSample(), { ...endpointsOf('cart', readyEndpoint(1)), policy });
  const [endpoint] = sidecar.registry.given;
  if (endpoint === undefined) throw new Error('it is unknown');
  return endpoint;
}

test('pools of both protocols and tunnels share the places of an endpoint', async (t) => {
  const endpoint = await given(t, { maxConnections: 3 });
  const [http1, http2] = [endpoint.connections('http1'), endpoint.connections('http2')];
  t.truthy(http1.take('pooled'));
  t.truthy(http2.take('pooled'));
  t.true(endpoint.places.enterTunnel());
  t.is(http1.take('pooled'), undefined);
  t.false(endpoint.places.enterTunnel());
  endpoint.places.leaveTunnel();
  t.truthy(http1.take('pooled'));
  t.false(endpoint.places.enterTunnel());
});

test('a protocol has its first connection whatever another one takes, but none where tunnels have all places', async (t) => {
  const endpoint = await given(t, { maxConnections: 1 });
  t.truthy(endpoint.connections('http1').take('pooled'));
  const http2 = endpoint.connections('http2');
  t.truthy(http2.take('pooled'));
  t.is(http2.open, 1);
  const tunnelled = await given(t, { maxConnections: 1 });
  t.true(tunnelled.places.enterTunnel());
  for (const protocol of ['http1', 'http2'] as const) t.is(tunnelled.connections(protocol).take('pooled'), undefined);
});

test('requests of both protocols share the room for those that wait', async (t) => {
  const endpoint = await given(t, { maxConnections: 1, maxWaitingRequests: 1 });
  t.true(endpoint.places.enterTunnel());
  const [http1, http2] = [endpoint.connections('http1'), endpoint.connections('http2')];
  const first = { onUpstream: () => t.fail() };
  t.true(http1.wait(first));
  let given2 = 0;
  const second = { onUpstream: () => given2++ };
  t.false(http2.wait(second));
  http1.stopWaiting(first);
  t.true(http2.wait(second));
  endpoint.places.leaveTunnel();
  t.is(given2, 1, 'the place of the tunnel is its own');
});

test('without a limit of a Service, tunnels take no place of requests', async (t) => {
  const endpoint = await given(t, {});
  for (let count = 0; count < 200; count++) t.true(endpoint.places.enterTunnel());
  t.truthy(endpoint.connections('http1').take('pooled'));
});

test('a request gets the place of a connection of the other protocol that is idle, at once or once it is', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t);
  const endpoints = endpointsOf('cart', readyEndpoint(backend.port));
  sidecar.apply(routingSample(), { ...endpoints, policy: { maxConnections: 2 } });
  const client = await connect(await sidecar.service());
  client.write(get);
  const server = await backend.peer(0);
  await server.sees('\r\n\r\n');
  const [endpoint] = sidecar.registry.given;
  const http2 = endpoint?.connections('http2');
  // As many as one connection is given before its server says how many it takes.
  for (let count = 0; count < 100; count++) t.truthy(http2?.take('pooled'));
  t.is(http2?.take('pooled'), undefined);
  let count = 0;
  t.true(http2?.wait({ onUpstream: () => count++ }));
  server.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  await client.sees('ok');
  t.is(count, 1);
  t.is(endpoint?.connections('http1').open, 0);
  t.is(http2?.open, 2);
});

test("a tunnel takes a place of requests that their Service's own limit gives", async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { detectTimeoutMs: 20 } });
  const policy = { maxConnections: 1, maxWaitingRequests: 0 };
  sidecar.apply(routingSample(), { ...endpointsOf('cart', readyEndpoint(backend.port)), policy });
  const port = await sidecar.service();
  const tunnel = await connect(port);
  tunnel.write('\0\0\0\0');
  await (await backend.peer(0)).sees('\0');
  const answer = await ask(port, get);
  t.regex(answer, /^HTTP\/1.1 503 /);
  t.like((await sidecar.logged(1))[0], { flags: 'UO' });
  tunnel.reset();
  await sidecar.logged(2);
  t.regex(await ask(port, get), /^HTTP\/1.1 200 /);
});

test('a tunnel that is a stream of HTTP/2 takes no place beside its connection', async (t) => {
  const server = await startHttp2Tunnels(t, (stream) => stream.pipe(stream));
  const { sidecar, port } = await routeTo(t, 'http2', server.port);
  const policy = { maxConnections: 2 };
  sidecar.table.applyEndpoints({ ...endpointsOf('cart', readyEndpoint(server.port)), policy });
  const session = await connectTunnels(t, port);
  const opened = openTunnel(session);
  t.like(await answerOf(opened), { ':status': 200 });
  const [endpoint] = sidecar.registry.given;
  t.true(endpoint?.places.enterTunnel());
  t.false(endpoint?.places.enterTunnel());
  endpoint?.places.leaveTunnel();
  opened.stream.end();
  t.is(await opened.over(), 0);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});
