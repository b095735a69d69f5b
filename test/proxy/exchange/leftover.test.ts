import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';

const body = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
type Dirty = readonly [title: string, method: string, head: string, behind: string];
const dirty: readonly Dirty[] = [
  ['a last chunk behind 204', 'OPTIONS', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n', '0\r\n\r\n'],
  ['a last chunk behind 304', 'GET', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', '0\r\n\r\n'],
  ['a body behind 204', 'GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 51\r\n\r\n', body],
  ['a body behind 304', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 51\r\n\r\n', body],
  ['a body behind HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n', body],
  ['chunks behind HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', `33\r\n${body}\r\n0\r\n\r\n`],
  ['a body of a length that nobody said behind HEAD', 'HEAD', 'HTTP/1.1 404 Not Found\r\n\r\n', body],
];

/** Answers each request with the head, then sends the rest after `ms`. */
function answering(head: string, behind: string, ms: number) {
  return (peer: Peer): void => {
    let seen = 0;
    peer.socket.on('data', async () => {
      const requests = peer.text.split('\r\n\r\n').length - 1;
      for (; seen < requests; seen++) {
        peer.write(head);
        await sleep(ms);
        peer.write(behind);
      }
    });
  };
}

for (const [title, method, head, behind] of dirty) {
  for (const ms of [0, 1, 4]) {
    test(`${title}, ${ms} ms late, is no answer to the next request`, async (t) => {
      const backend = await startBackend(t, answering(head, behind, ms));
      const sidecar = setUp(t);
      const peer = await connect(await sidecar.straight(backend.port));
      const status = head.slice(0, 12);
      for (let turn = 1; turn <= 20; turn++) {
        peer.write(`${method} /a HTTP/1.1\r\nHost: x\r\n\r\n`);
        await peer.until(({ text }) => text.split('\r\n\r\n').length > turn);
      }
      t.deepEqual(new Set(peer.text.match(/^HTTP\/1\.1 \d+/gm)), new Set([status]));
      t.notRegex(peer.text, /evil/);
      peer.end();
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

for (const [title, method, head, behind] of dirty) {
  test(`${title} that comes with the next request is no answer to it`, async (t) => {
    const backend = await startBackend(t, (peer) => {
      let requests = 0;
      peer.socket.on('data', () => peer.write(requests++ === 0 ? head : behind + head));
    });
    const sidecar = setUp(t);
    const peer = await connect(await sidecar.straight(backend.port));
    for (let turn = 1; turn <= 3; turn++) {
      peer.write(`${method} /a HTTP/1.1\r\nHost: x\r\n\r\n`);
      await peer.until(({ text }) => text.split('\r\n\r\n').length > turn);
      await sleep(100);
    }
    t.is(backend.peers.length, 3);
    t.notRegex(peer.text, /evil/);
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('bytes that wait in the kernel before a GET end the connection that they came on', async (t) => {
  const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const backend = await startBackend(t, (peer) => void peer.socket.on('data', () => peer.write(ok)));
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  for (let turn = 1; turn <= 10; turn++) {
    peer.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
    await peer.until(({ text }) => text === ok.repeat(turn));
    // Both lie in the kernel when the sidecar runs next: nothing else runs in between.
    backend.peers.at(-1)?.write(body);
    const until = performance.now() + 5;
    while (performance.now() < until);
  }
  t.notRegex(peer.text, /evil/);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a connection whose HEAD announced no body serves again', async (t) => {
  const backend = await startBackend(t, answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', 0));
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  for (let turn = 1; turn <= 3; turn++) {
    peer.write('HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n');
    await peer.until(({ text }) => text.split('\r\n\r\n').length > turn);
    await sleep(100);
  }
  t.is(backend.peers.length, 1);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

const small = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A connection to an endpoint that has answered one request and has the second one now. */
async function askAgain(t: ExecutionContext) {
  const backend = await startBackend(t, (peer) => void peer.socket.once('data', () => peer.write(small)));
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.sees('ok');
  const first = await backend.peer(0);
  peer.write('GET /b HTTP/1.1\r\nHost: x\r\n\r\n');
  await first.sees('/b ');
  return { sidecar, peer, first };
}

for (const pieces of [['\r\n'], ['\r', '\n']]) {
  test(`an empty line behind a body (${pieces.length} pieces) is no part of the next response, and the connection ends with that`, async (t) => {
    const { sidecar, peer, first } = await askAgain(t);
    for (const piece of pieces) {
      first.write(piece);
      await sleep(20);
    }
    first.write(small);
    await peer.until(({ text }) => text === small + small);
    t.is(await first.over(), 'fin');
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

for (const [title, stray] of [
  ['a CR alone', '\r'],
  ['two empty lines', '\r\n\r\n'],
  ['an LF alone', '\n'],
  ['a letter', 'x'],
] as const) {
  test(`${title} before the next response is not HTTP`, async (t) => {
    const { sidecar, peer, first } = await askAgain(t);
    first.write(stray + small);
    await peer.sees('HTTP/1.1 502 ');
    t.like((await sidecar.logged(2))[1], { flags: 'UPE' });
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('an empty line before the first response of a connection is not HTTP', async (t) => {
  const backend = await startBackend(t, (peer) => void peer.socket.once('data', () => peer.write(`\r\n${small}`)));
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.sees('HTTP/1.1 502 ');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
