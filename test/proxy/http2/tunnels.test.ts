import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect } from '../peer.ts';
import {
  answerOf,
  asks,
  connectTunnels,
  handshake,
  openTunnel,
  routeTo,
  startHttp1Tunnels,
  startHttp2Tunnels,
  switchTo,
  tunnel,
  ways,
} from './tunnelling.ts';

test('a WebSocket of HTTP/2 is the handshake of HTTP/1.1 for an endpoint that speaks that', async (t) => {
  const backend = await startHttp1Tunnels(t);
  const { sidecar, port } = await routeTo(t, 'http1', backend.port);
  const session = await connectTunnels(t, port);
  const opened = openTunnel(session, { ...asks, 'sec-websocket-key': 'of its own' });
  const answer = await answerOf(opened);
  t.is(answer[':status'], 200);
  t.is(answer['sec-websocket-protocol'], 'b');
  t.is(answer['sec-websocket-accept'], undefined);
  t.is(answer.upgrade, undefined);
  const server = await backend.peer(0);
  t.regex(
    server.text,
    /^GET \/chat\?a=b HTTP\/1\.1\r\nHost: x\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: a, b\r\nUpgrade: websocket\r\nSec-WebSocket-Key: [A-Za-z0-9+/]{22}==\r\nConnection: Upgrade\r\n\r\n$/,
  );
  opened.stream.write('hello');
  await server.sees('\r\n\r\nhello');
  server.write('good day');
  await opened.sees('good day');
  opened.stream.end();
  t.is(await server.over(), 'fin');
  server.write('last words');
  await opened.sees('last words');
  server.end();
  t.is(await opened.over(), 0);
  const line = (await sidecar.logged(1))[0];
  t.like(line, { message: 'request', method: 'GET', path: '/chat', status: 101, bytesIn: 5, bytesOut: 18 });
  t.is(line?.['flags'], undefined);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('it goes on as it is to an endpoint of HTTP/2 that offers it', async (t) => {
  const server = await startHttp2Tunnels(t, (stream) => stream.pipe(stream));
  const sidecar = setUp(t);
  const session = await connectTunnels(t, await sidecar.straight(server.port));
  const opened = openTunnel(session);
  t.like(await answerOf(opened), { ':status': 200, 'sec-websocket-protocol': 'b' });
  const [head] = server.heads;
  t.like(head, { ...asks, 'sec-websocket-key': undefined, upgrade: undefined });
  opened.stream.end('hello');
  t.is(await opened.over(), 0);
  t.is(opened.got(), 'hello');
  t.like((await sidecar.logged(1))[0], { status: 101, bytesIn: 5, bytesOut: 5, flags: undefined });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a WebSocket of HTTP/1.1 is one of HTTP/2 for an endpoint that speaks that', async (t) => {
  const server = await startHttp2Tunnels(t, (stream) => stream.pipe(stream));
  const { sidecar, port } = await routeTo(t, 'http2', server.port);
  const client = await connect(port);
  client.write(`${handshake}early`);
  await client.sees('early');
  t.regex(client.text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  t.regex(client.text, /\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
  t.like(server.heads[0], {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/chat?a=b',
    ':authority': 'x',
    'sec-websocket-version': '13',
    'sec-websocket-key': undefined,
  });
  client.end();
  t.is(await client.over(), 'fin');
  t.like((await sidecar.logged(1))[0], { status: 101, bytesIn: 5, bytesOut: 5, flags: undefined });
  t.deepEqual(await sidecar.leftovers(), []);
});

test('what an endpoint of HTTP/2 answers instead is passed on, and the connections go on', async (t) => {
  const server = await startHttp2Tunnels(t, (stream) => stream.pipe(stream));
  const { sidecar, port } = await routeTo(t, 'http2', server.port);
  const client = await connect(port);
  client.write(handshake.replace('/chat?a=b', '/forbidden'));
  await client.sees('no');
  t.regex(client.text, /^HTTP\/1\.1 403 /);
  client.write(handshake);
  await client.sees('HTTP/1.1 101 ');
  const session = await connectTunnels(t, port);
  t.like(await answerOf(openTunnel(session, { ...asks, ':path': '/forbidden' })), { ':status': 403 });
  t.like(await answerOf(openTunnel(session)), { ':status': 200 });
  t.is(server.sessions.length, 1);
  client.reset();
  session.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const way of ways) {
  test(`${way}: each side may end first, and hear the other`, async (t) => {
    for (const first of ['client', 'server'] as const) {
      const opened = await tunnel(t, way);
      const { sidecar, close } = opened;
      const other = opened[first === 'client' ? 'server' : 'client'];
      opened[first].write('bye');
      opened[first].end();
      await other.sees('bye');
      t.is(await other.over(), 'fin');
      other.write('still here');
      await opened[first].sees('still here');
      other.end();
      t.is(await opened[first].over(), 'fin');
      t.like((await sidecar.logged(1))[0], { status: 101, flags: undefined });
      close();
      t.deepEqual(await sidecar.leftovers(), []);
    }
  });

  test(`${way}: a reset by either side is one for the other`, async (t) => {
    for (const breaking of ['client', 'server'] as const) {
      const opened = await tunnel(t, way);
      const { sidecar, close } = opened;
      opened[breaking].reset();
      t.is(await opened[breaking === 'client' ? 'server' : 'client'].over(), 'reset');
      t.like((await sidecar.logged(1))[0], { status: 101, flags: breaking === 'client' ? 'DC' : 'UC' });
      close();
      t.deepEqual(await sidecar.leftovers(), []);
    }
  });

  test(`${way}: 20 MB go each way at once, past a reader that rests, and little waits meanwhile`, async (t) => {
    const { client, server, sidecar, close } = await tunnel(t, way);
    const bulk = Buffer.alloc(20_000_000, 'x');
    client.pause();
    server.write(bulk);
    client.write(bulk);
    await server.receives(bulk.length);
    for (const { served } of sidecar.engine.connections) t.true(served.held < 2_000_000, `${served.held} are held`);
    client.resume();
    await client.receives(bulk.length);
    server.end();
    client.end();
    t.like((await sidecar.logged(1))[0], { status: 101, bytesIn: bulk.length, bytesOut: bulk.length });
    close();
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`${way}: one that is silent for too long is closed, and not because a request has made no progress`, async (t) => {
    const { client, server, sidecar, close } = await tunnel(t, way, { limits: { progressTimeoutMs: 3000 } });
    await sleep(3600);
    client.write('a');
    await server.sees('a');
    t.is(sidecar.entries.length, 0);
    close();
    const silent = await tunnel(t, way, { limits: { idleTimeoutMs: 300 } });
    t.is(await silent.server.over(), 'reset');
    t.like((await silent.sidecar.logged(1))[0], { status: 101, flags: 'UT', reason: 'no byte passed for too long' });
    silent.close();
    t.deepEqual(await silent.sidecar.leftovers(), []);
  });

  test(`${way}: when the process stops its tunnels end, and say so`, async (t) => {
    const { server, sidecar } = await tunnel(t, way);
    sidecar.close();
    await server.over();
    const reason = 'the proxy stopped before the connection ended';
    t.like((await sidecar.logged(1))[0], { status: 101, flags: 'DC', reason });
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

for (const [title, answer, reason] of [
  [
    'without Sec-WebSocket-Accept',
    () => switchTo('').replace(/Sec-WebSocket-Accept.*\r\n/, ''),
    /Sec-WebSocket-Accept/,
  ],
  ['with another Sec-WebSocket-Accept', () => switchTo('s3pPLMBiTxaQ9kYGzzhZRbK+xOo='), /Sec-WebSocket-Accept/],
  ['to another protocol', (accept: string) => switchTo(accept).replace('websocket', 'chat'), /not offered/],
  ['not at all, and answers 200', () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', /answered 200/],
  ['not at all, and answers 204', () => 'HTTP/1.1 204 No Content\r\n\r\n', /answered 204/],
] as const)
  test(`an endpoint of HTTP/1.1 that switches ${title} is 502: a client of HTTP/2 would take it for its tunnel`, async (t) => {
    const backend = await startHttp1Tunnels(t, answer);
    const { sidecar, port } = await routeTo(t, 'http1', backend.port);
    const session = await connectTunnels(t, port);
    const opened = openTunnel(session);
    opened.stream.write('secret');
    t.like(await answerOf(opened), { ':status': 502 });
    const line = (await sidecar.logged(1))[0];
    t.like(line, { status: 502, flags: 'UPE' });
    t.regex(String(line?.['reason']), reason);
    t.false(backend.peers.some(({ text }) => text.includes('secret')));
    session.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });

test('what a client sends before its tunnel is there is no request of HTTP/1.1, and gets there behind the 101 alone', async (t) => {
  const { promise: go, resolve } = Promise.withResolvers<void>();
  const answers = ['HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', undefined];
  const backend = await startBackend(t, (peer) => {
    const answer = answers.shift();
    void go.then(() => peer.write(answer ?? switchTo('')));
    peer.socket.on('end', () => peer.end());
  });
  const { sidecar, port } = await routeTo(t, 'http1', backend.port);
  const session = await connectTunnels(t, port);
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n';
  const other = { ...asks, ':protocol': 'websocket' };
  const opened = openTunnel(session, other);
  opened.stream.write(smuggled);
  const server = await backend.peer(0);
  await server.sees('\r\n\r\n');
  // It is there, and waits.
  await sleep(200);
  t.false(server.text.includes('admin'));
  resolve();
  t.like(await answerOf(opened), { ':status': 403 });
  t.is((await sidecar.logged(1)).length, 1);
  await sleep(200);
  t.false(backend.peers.some(({ text }) => text.includes('admin')));
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an endpoint of HTTP/1.1 that ends with its 101 is heard to its end, and still hears its client', async (t) => {
  const backend = await startHttp1Tunnels(t, (accept) => `${switchTo(accept)}bye`);
  void backend.peer(0).then((peer) => peer.sees('\r\n\r\n').then(() => peer.end()));
  const { sidecar, port } = await routeTo(t, 'http1', backend.port);
  const session = await connectTunnels(t, port);
  const opened = openTunnel(session);
  await opened.sees('bye');
  await once(opened.stream, 'end');
  opened.stream.end('still here');
  t.is(await opened.over(), 0);
  await (await backend.peer(0)).sees('still here');
  t.like((await sidecar.logged(1))[0], { status: 101, flags: undefined });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('what comes with the request is the first that passes, and an end that came with it passes too', async (t) => {
  const backend = await startHttp1Tunnels(t);
  const { sidecar, port } = await routeTo(t, 'http1', backend.port);
  const session = await connectTunnels(t, port);
  const opened = openTunnel(session);
  opened.stream.end('early');
  const server = await backend.peer(0);
  await server.sees('\r\n\r\nearly');
  t.is(await server.over(), 'fin');
  server.write('late');
  server.end();
  await opened.sees('late');
  t.is(await opened.over(), 0);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});
