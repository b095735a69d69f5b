import test from 'ava';
import { startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';

test('with as many connections to endpoints as there may be, the one that was idle for longest makes room', async (t) => {
  const sidecar = setUp(t, { mostDialled: 2 });
  const backends = [await startOkBackend(t), await startOkBackend(t), await startOkBackend(t)];
  // Where no route applies an endpoint is known as long as a client's connection to it stands.
  const clients: Peer[] = [];
  const ask = async (at: number): Promise<void> => {
    const client = await connect(await sidecar.straight(backends[at]?.port ?? 0));
    clients.push(client);
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.sees('ok');
  };
  await ask(0);
  await ask(1);
  t.is(sidecar.registry.size.connections, 2);
  await ask(0);
  await ask(2);
  t.is(sidecar.registry.size.connections, 2);
  const open = [...sidecar.registry.given].filter((upstream) => upstream.open > 0).map(({ endpoint }) => endpoint.port);
  t.deepEqual(new Set(open), new Set([backends[0]?.port, backends[2]?.port]), 'not the one that was used again');
  for (const client of clients) client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a tunnel gets a connection of which an idle one makes room, and none that is in use', async (t) => {
  const tunnelled = await startBackend(t, () => undefined);
  const sidecar = setUp(t, { mostDialled: 1, opaquePorts: [tunnelled.port] });
  const web = await startOkBackend(t);
  const client = await connect(await sidecar.straight(web.port, 'outbound'));
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await client.sees('ok');
  const tunnel = await connect(await sidecar.straight(tunnelled.port, 'outbound'));
  tunnel.write('hello');
  const far = await tunnelled.peer(0);
  await far.sees('hello');
  t.is(sidecar.registry.size.connections, 0);
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await client.until(({ text }) => text.split('HTTP/1.1 200').length === 3);
  far.write('still there');
  await tunnel.sees('still there');
});

test("a tunnel to an endpoint within its Service's own limit has an idle connection of requests make room", async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  sidecar.apply(routingSample(), {
    ...endpointsOf('cart', readyEndpoint(backend.port)),
    policy: { maxConnections: 1 },
  });
  const client = await connect(await sidecar.service());
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await client.sees('ok');
  const [endpoint] = sidecar.registry.given;
  t.is(endpoint?.open, 1);
  t.true(endpoint?.places.enterTunnel());
  t.is(endpoint?.open, 0);
  t.false(endpoint?.places.enterTunnel(), 'one is all that there may be');
  endpoint?.places.leaveTunnel();
  client.socket.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});
