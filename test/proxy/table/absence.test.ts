import dns from 'node:dns';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { encodeEndpoints } from '../../routing/wire/bytes.ts';
import { endpointsTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { undisturbed } from '../../undisturbed.ts';
import { type Agent, startAgent } from './agent.ts';
import { type Client, startClient } from './client.ts';

const value = encodeEndpoints({ name: 'a', endpoints: [] });
const resources = [{ name: 'a', version: '1', resource: { typeUrl, value } }];

async function until(condition: () => boolean, ms = 30_000): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < ms && !condition()) await sleep(5);
  if (!condition()) throw new Error('did not come about');
  return performance.now() - start;
}

const linesOf = ({ log }: Client, text: string): string[] => log.filter((line) => line.includes(text));

function connectTo(address: string): net.Socket {
  const [host = '', port] = address.split(':');
  return net.connect(Number(port), host);
}

/** What stands between a sidecar and its agent, as a Service does: it can be pointed elsewhere, and go silent. */
async function startBetween(t: ExecutionContext, first: Agent) {
  const state = { target: first.address, silent: false, dials: 0 };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    state.dials += 1;
    const far = state.silent ? undefined : connectTo(state.target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      if (socket === undefined) continue;
      sockets.add(socket);
      socket.on('data', (bytes) => void (state.silent || other?.write(bytes)));
      socket.on('error', () => undefined);
      socket.on('close', () => void (state.silent || other?.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { state, address: `127.0.0.1:${(server.address() as net.AddressInfo).port}` };
}

test('without an agent it is ready after the wait, with one warning, and connected as soon as one answers', async (t) => {
  const agent = await startAgent(t);
  agent.stop();
  const client = startClient(t, agent.address, { startWaitMs: 300 });
  t.false(client.subscriber.readiness.ready);
  await until(() => client.subscriber.readiness.ready);
  await until(() => linesOf(client, 'traffic passes through and no route applies').length > 0);
  t.false(client.subscriber.mayAnswer);
  await startAgent(t, { address: agent.address });
  await until(() => client.subscriber.connected);
  await sleep(400);
  t.is(linesOf(client, 'traffic passes through and no route applies').length, 1);
});

test('an agent that answers in time is no warning', async (t) => {
  await undisturbed(t, 1000, async (round) => {
    const agent = await startAgent(round);
    const client = startClient(round, agent.address, { startWaitMs: 5000 });
    await sleep(5300);
    round.true(client.subscriber.connected);
    round.deepEqual(linesOf(client, '"level":40'), []);
  });
});

test('an agent that has nothing to serve yet is not taken for one that answers', async (t) => {
  const agent = await startAgent(t, { silent: true });
  const client = startClient(t, agent.address, { startWaitMs: 60_000 });
  client.type.want('a');
  await agent.next();
  await sleep(200);
  t.false(client.subscriber.connected);
  t.false(client.subscriber.readiness.ready);
});

test('a name that does not resolve is looked up again until it does, within seconds', async (t) => {
  const agent = await startAgent(t);
  const { lookup } = dns.promises;
  let exists = false;
  const asked: string[] = [];
  // The resolver as a peer: what a CoreDNS that starts later looks like from here.
  t.teardown(() => (dns.promises.lookup = lookup));
  dns.promises.lookup = ((name: string, options: dns.LookupAllOptions) => {
    if (name !== 'heddle-agent.test') return lookup(name, options);
    asked.push(name);
    return exists
      ? Promise.resolve([{ address: agent.address.split(':')[0], family: 4 }])
      : Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
  }) as typeof lookup;
  const client = startClient(t, `heddle-agent.test:${agent.address.split(':')[1]}`);
  await until(() => asked.length > 2);
  t.is(linesOf(client, 'Agent lost').length, 1);
  t.regex(linesOf(client, 'Agent lost')[0] ?? '', /cluster DNS/);
  exists = true;
  // A resolver of gRPC's own makes pauses of 30 s.
  await until(() => client.subscriber.connected, 25_000);
});

test('when the agent is lost the next one is dialled at once, and what was received stays', async (t) => {
  await undisturbed(t, 150, async (round) => {
    const [first, second] = [await startAgent(round), await startAgent(round)];
    const { state, address } = await startBetween(round, first);
    const client = startClient(round, address);
    client.type.want('a');
    await first.next();
    first.send({ typeUrl, nonce: 'n', resources });
    await first.next();
    state.target = second.address;
    first.stop();
    const afterMs = await until(() => second.streams.length > 0);
    round.true(afterMs < 500, `${afterMs} ms`);
    round.deepEqual((await second.next()).initialResourceVersions, { a: '1' });
    round.deepEqual(client.done, ['a=1']);
  });
});

test('an agent that ends in good order is not missed: no warning, and new destinations still wait for its word', async (t) => {
  const [first, second] = [await startAgent(t), await startAgent(t)];
  const { state, address } = await startBetween(t, first);
  const client = startClient(t, address, { startWaitMs: 0 });
  await until(() => client.subscriber.connected);
  state.target = second.address;
  first.streams[0]?.end();
  while (second.streams.length === 0) {
    t.true(client.subscriber.connected && client.subscriber.mayAnswer);
    await sleep(5);
  }
  await sleep(100);
  t.is(first.streams.length, 1, 'a new connection, so the Service chooses anew');
  t.is(linesOf(client, 'Agent lost').length, 0);
  t.is(linesOf(client, 'Agent connected').length, 1);
});

test('sidecars of an agent that ends in good order come back one after the other', async (t) => {
  await undisturbed(t, 150, async (round) => {
    const agent = await startAgent(round);
    const clients = Array.from({ length: 40 }, () => startClient(round, agent.address));
    await until(() => clients.every(({ subscriber }) => subscriber.connected));
    for (const stream of agent.streams.slice()) stream.end();
    await until(() => agent.streams.length > 40);
    // Of 40 times that are spread over 500 ms at random, all lie within 200 ms in one of 10^14 runs.
    const spreadMs = await until(() => agent.streams.length === 80);
    round.true(spreadMs > 200 && spreadMs < 1500, `all came within ${spreadMs} ms`);
  });
});

test('a stream that always ends at once is opened ever more slowly', async (t) => {
  const agent = await startAgent(t);
  const client = startClient(t, agent.address);
  const ends = setInterval(() => agent.streams.at(-1)?.end(), 5);
  t.teardown(() => clearInterval(ends));
  await sleep(2500);
  t.true(agent.streams.length < 14, `${agent.streams.length} streams`);
  t.is(client.done.length, 0);
});

test('an agent that is gone without a word is found out within 15 s, and one that never answers within 10 s', async (t) => {
  await undisturbed(t, 1000, async (round) => {
    const [first, second] = [await startAgent(round), await startAgent(round)];
    const { state, address } = await startBetween(round, first);
    const client = startClient(round, address);
    await until(() => client.subscriber.connected);
    state.silent = true;
    const lostAfterMs = await until(() => !client.subscriber.connected, 60_000);
    // With what the thread may stand still meanwhile.
    round.true(lostAfterMs < 18_000, `${lostAfterMs} ms`);
    await until(() => state.dials > 1);
    state.silent = false;
    state.target = second.address;
    const backAfterMs = await until(() => client.subscriber.connected, 60_000);
    round.true(backAfterMs < 13_000, `${backAfterMs} ms`);
  });
});
