import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type ReplyTo, serveOperator } from '../../runtime/httpServer.ts';
import { type Readiness, serveReady } from '../../runtime/ready.ts';

const request = 'GET /live HTTP/1.1\r\nHost: x\r\n\r\n';
const ok: ReplyTo = () => ({ status: 200, body: 'ok\n' });

async function serve(t: ExecutionContext, replyTo: ReplyTo = ok) {
  const server = await serveOperator({
    port: 0,
    reach: 'everywhere',
    replyTo,
    onError: (error) => t.fail(String(error)),
  });
  t.teardown(() => server.close());
  /** Connects from an address of its own, as another pod would. */
  const open = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: server.port, localAddress });
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  const probe = async (localAddress: string): Promise<string> => {
    const socket = await open(localAddress);
    socket.write(request);
    const answer = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['closed'])]);
    socket.destroy();
    return String(answer[0]).split('\r\n')[0] ?? '';
  };
  return { port: server.port, open, probe };
}

const closedOf = (sockets: readonly Socket[]): number => sockets.filter(({ destroyed }) => destroyed).length;

for (const [title, sent] of [
  ['say nothing', ''],
  ['never end their heads', 'GET /live HTTP/1.1\r\nX: '],
  ['stay open after an answer', request],
] as const) {
  test(`200 connections of one peer that ${title} silence no probe of another`, async (t) => {
    const { open, probe } = await serve(t);
    const hostile: Socket[] = [];
    for (let count = 0; count < 200; count++) {
      const socket = await open('127.0.0.9');
      socket.resume().write(sent);
      hostile.push(socket);
      if (count % 50 === 0) t.is(await probe('127.0.0.1'), 'HTTP/1.1 200 OK');
    }
    for (let count = 0; count < 20; count++) t.is(await probe('127.0.0.1'), 'HTTP/1.1 200 OK');
    // The same peer is served as well, in place of the longest idle of its own.
    t.is(await probe('127.0.0.9'), 'HTTP/1.1 200 OK');
    await sleep(50);
    t.true(200 - closedOf(hostile) <= 16, `${200 - closedOf(hostile)} are open`);
  });
}

test('connections of thirty peers silence no probe, and no reader that has fewer', async (t) => {
  const { open, probe } = await serve(t);
  const prometheus = await open('127.0.0.2');
  prometheus.write(request);
  await once(prometheus, 'data');
  for (let count = 0; count < 150; count++) {
    await open(`127.0.1.${(count % 30) + 1}`);
    if (count % 10 === 0) t.is(await probe('127.0.0.1'), 'HTTP/1.1 200 OK');
  }
  t.is(await probe('127.0.0.1'), 'HTTP/1.1 200 OK');
  t.false(prometheus.destroyed, 'of a peer with one connection');
});

test('requests that are being answered outlast connections that are idle', async (t) => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const { open, probe } = await serve(t, async ({ path }) => {
    if (path === '/slow') await promise;
    return { status: 200, body: 'ok\n' };
  });
  const slow = await open('127.0.0.9');
  slow.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  for (let count = 0; count < 40; count++) await open('127.0.0.9');
  t.is(await probe('127.0.0.9'), 'HTTP/1.1 200 OK');
  resolve(undefined);
  t.regex(String((await once(slow, 'data'))[0]), /^HTTP\/1\.1 200/);
});

test('a peer whose requests all hang loses the oldest of them, and others none', async (t) => {
  const { open, probe } = await serve(t, ({ path }) =>
    path === '/slow' ? new Promise(() => undefined) : { status: 200, body: 'ok\n' },
  );
  const slow: Socket[] = [];
  for (let count = 0; count < 100; count++) {
    const socket = await open('127.0.0.9');
    socket.resume().write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    slow.push(socket);
  }
  t.is(await probe('127.0.0.1'), 'HTTP/1.1 200 OK');
  t.is(await probe('127.0.0.9'), 'HTTP/1.1 200 OK');
  t.true(slow[0]?.destroyed);
});

test('a question with a wait is answered as soon as the answer is yes', async (t) => {
  let state: Readiness = { ready: false, message: 'no configuration yet' };
  const server = await serveReady({ port: 0, readiness: () => state, onError: (error) => t.fail(String(error)) });
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${server.port}/ready`;
  const began = performance.now();
  const answer = fetch(`${url}?wait=20000`);
  await sleep(100);
  state = { ready: true };
  t.is((await answer).status, 200);
  t.true(performance.now() - began < 15_000);
  state = { ready: false, message: 'no configuration yet' };
  t.is(await (await fetch(`${url}?wait=50`)).text(), 'no configuration yet\n');
  t.is((await fetch(`${url}?wait=soon`)).status, 400);
});
