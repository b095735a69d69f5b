import test, { type ExecutionContext } from 'ava';
import type { Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { type Backend, startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar, type SidecarOptions } from '../harness.ts';
import { ask, connect, type Peer } from '../peer.ts';

const asks = (protocols: string, lines = ''): string =>
  `GET /chat?a=b HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocols}\r\n${lines}\r\n`;
const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nA: b\r\n\r\n';
const passedOn = 'HTTP/1.1 101 Switching Protocols\r\nA: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

type Opened = { readonly client: Peer; readonly server: Peer; readonly sidecar: Sidecar; readonly backend: Backend };

/** A connection that has been upgraded, with these bytes right behind the request and behind the 101. */
async function upgraded(
  t: ExecutionContext,
  parts: { ahead?: string; behind?: string; options?: SidecarOptions } = {},
): Promise<Opened> {
  const { ahead = '', behind = '' } = parts;
  const backend = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(switched + behind)));
  const sidecar = setUp(t, parts.options);
  const client = await connect(await sidecar.straight(backend.port));
  client.write(asks('websocket') + ahead);
  const server = await backend.peer(0);
  await client.sees('\r\n\r\n');
  return { client, server, sidecar, backend };
}

test('after 101 bytes pass both ways, also those that came with the request and with the 101', async (t) => {
  const { client, server, sidecar } = await upgraded(t, { ahead: '\x81\x05early', behind: '\x81\x05hello' });
  await client.sees('hello');
  t.is(client.text, `${passedOn}\x81\x05hello`);
  client.write('GET / HTTP/1.1\r\n\r\n\0\xff');
  await server.sees('\0\xff');
  t.is(
    server.text,
    'GET /chat?a=b HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n' +
      '\x81\x05earlyGET / HTTP/1.1\r\n\r\n\0\xff',
  );
  client.end();
  t.is(await server.over(), 'fin');
  server.write('last words');
  await client.sees('last words');
  server.end();
  t.is(await client.over(), 'fin');
  const [entry] = await sidecar.logged(1);
  t.like(entry, { message: 'request', status: 101, path: '/chat', bytesIn: 27, bytesOut: 17, flags: undefined });
  t.is(sidecar.entries.length, 1);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('the endpoint may end first, and its client still send', async (t) => {
  const { client, server, sidecar } = await upgraded(t);
  server.end();
  t.is(await client.over(), 'fin');
  client.write('still here');
  await server.sees('still here');
  client.end();
  t.is(await server.over(), 'fin');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an endpoint that ends with its 101 is heard to its end', async (t) => {
  const backend = await startBackend(t, (peer) =>
    peer.socket.once('data', () => peer.socket.end(Buffer.from(`${switched}bye`, 'latin1'))),
  );
  const sidecar = setUp(t);
  t.is(await ask(await sidecar.straight(backend.port), asks('websocket')), `${passedOn}bye`);
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const breaking of ['client', 'server'] as const) {
  test(`a reset by the ${breaking} is one for the other side`, async (t) => {
    const opened = await upgraded(t);
    opened[breaking].reset();
    t.is(await opened[breaking === 'client' ? 'server' : 'client'].over(), 'reset');
    const [entry] = await opened.sidecar.logged(1);
    t.like(entry, { status: 101, flags: breaking === 'client' ? 'DC' : 'UC' });
    t.deepEqual(await opened.sidecar.leftovers(), []);
  });
}

test('20 MB go each way at once, past a reader that rests', async (t) => {
  const { client, server } = await upgraded(t);
  const bulk = Buffer.alloc(20_000_000, 'x');
  client.socket.pause();
  server.write(bulk);
  client.write(bulk);
  await server.receives(bulk.length);
  client.socket.resume();
  await client.receives(bulk.length + passedOn.length);
  t.is(client.text.length, bulk.length + passedOn.length);
});

test('one that is silent for too long is closed, and not because a request has made no progress', async (t) => {
  const { client, server, sidecar } = await upgraded(t, { options: { limits: { progressTimeoutMs: 3000 } } });
  await new Promise((resolve) => setTimeout(resolve, 3600));
  client.write('a');
  await server.sees('\r\n\r\na');
  t.is(sidecar.entries.length, 0);
  const silent = await upgraded(t, { options: { limits: { idleTimeoutMs: 300 } } });
  await silent.client.over();
  t.like((await silent.sidecar.logged(1))[0], { status: 101, flags: 'UT' });
});

test('a tunnel is no connection of the pool: the next request gets one of its own', async (t) => {
  const options: SidecarOptions = { pool: { maxConnections: 1, maxWaiting: 1 } };
  const { client, sidecar, backend } = await upgraded(t, { options });
  const other = await connect(await sidecar.straight(backend.port));
  other.write(asks('websocket'));
  await other.sees('\r\n\r\n');
  t.is(backend.peers.length, 2);
  client.reset();
  other.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test("an upgraded connection counts towards its Service's own limit for as long as it stands", async (t) => {
  const backend = await startBackend(t, (peer) =>
    peer.socket.on('data', (data) =>
      peer.write(String(data).includes('Upgrade') ? switched : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    ),
  );
  const sidecar = setUp(t);
  const policy = { maxConnections: 1, maxWaitingRequests: 0 };
  sidecar.apply(routingSample(), { ...endpointsOf('cart', readyEndpoint(backend.port)), policy });
  const port = await sidecar.service();
  const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  t.regex(await ask(port, get), /^HTTP\/1.1 200 /);
  const client = await connect(port);
  client.write(asks('websocket'));
  await client.sees('\r\n\r\n');
  t.is(backend.peers.length, 1, 'it has the place of the connection that was idle');
  t.regex(await ask(port, get), /^HTTP\/1.1 503 /);
  t.like((await sidecar.logged(2))[1], { status: 503, flags: 'UO' });
  client.reset();
  await sidecar.logged(3);
  t.regex(await ask(port, get), /^HTTP\/1.1 200 /);
  t.is(backend.peers.length, 2);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an endpoint that does not switch answers as ever, and the connection goes on', async (t) => {
  const backend = await startBackend(t, (peer) =>
    peer.socket.on('data', () => peer.write('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n')),
  );
  const sidecar = setUp(t);
  const answer = await ask(await sidecar.straight(backend.port), asks('websocket') + asks('other'));
  t.is(answer.split('HTTP/1.1 426 ').length, 3);
  t.is(backend.peers.length, 1);
});

for (const [title, protocols, reply] of [
  ['to what was not offered', 'websocket', switched.replace('websocket', 'chat')],
  ['to more than was offered', 'websocket', switched.replace('websocket', 'websocket, chat')],
  ['without saying to which', 'websocket', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['to HTTP/2, which goes no further', 'h2c', switched.replace('websocket', 'h2c')],
] as const) {
  test(`an endpoint that switches ${title} is not followed`, async (t) => {
    const backend = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(reply)));
    const sidecar = setUp(t);
    t.regex(await ask(await sidecar.straight(backend.port), asks(protocols)), /^HTTP\/1.1 502 /);
    t.like((await sidecar.logged(1))[0], { flags: 'UPE' });
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('one that switches before it has the whole request is not followed', async (t) => {
  const backend = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(switched)));
  const client = await connect(await setUp(t).straight(backend.port));
  client.write(asks('websocket', 'Content-Length: 10\r\n'));
  await client.sees('HTTP/1.1 502 ');
  t.pass();
});

test('a request with a body is upgraded behind its body', async (t) => {
  const backend = await startBackend(t, (peer) => void peer.sees('body').then(() => peer.write(switched)));
  const client = await connect(await setUp(t).straight(backend.port));
  client.write(asks('websocket', 'Content-Length: 4\r\n'));
  client.write('body');
  await client.sees(passedOn);
  client.write('data');
  await (await backend.peer(0)).sees('\r\n\r\nbodydata');
  t.pass();
});

/** A rule that tells its endpoint which one it was, for this value of Upgrade or for all. */
const rule = (index: number, value: string): Rule => ({
  index,
  matches: [matchSample(value === '' ? {} : { headers: [{ type: 'Exact', name: 'upgrade', value }] })],
  filters: [{ type: 'RequestHeaderModifier', set: [{ name: 'Rule', value: `${index}` }], add: [], remove: [] }],
  backends: [backendSample()],
});

test('a route may match on Upgrade', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => peer.write(switched));
    peer.socket.once('end', () => peer.end());
  });
  const sidecar = setUp(t);
  const route = routeSample([], { rules: [rule(0, 'websocket'), rule(1, '')] });
  sidecar.apply(routingSample({ routes: [route] }), endpointsOf('cart', readyEndpoint(backend.port)));
  const port = await sidecar.service();
  t.regex(await ask(port, asks('websocket')), /^HTTP\/1.1 101 /);
  t.regex(backend.peers[0]?.text ?? '', /Upgrade: websocket\r\nRule: 0\r\nConnection: Upgrade\r\n\r\n$/);
  t.regex(await ask(port, asks('chat')), /^HTTP\/1.1 502 /);
  t.regex(backend.peers[1]?.text ?? '', /Upgrade: chat\r\nRule: 1\r\nConnection: Upgrade\r\n\r\n$/);
});
