import test from 'ava';
import { startBackend, startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { ask, connect } from '../peer.ts';

type Vector = {
  readonly title: string;
  /** What the endpoint sends for the one request; then it half-closes, unless `stays`. */
  readonly reply: string;
  readonly stays?: boolean;
  readonly request?: string;
  /** Exactly what the client gets. */
  readonly gets?: string;
};

const ok = 'HTTP/1.1 200 OK\r\n';
const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const old = 'GET /a HTTP/1.0\r\nHost: x\r\n\r\n';
const head = 'HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n';
const passes = (title: string, reply: string, gets = reply, request = get): Vector => ({
  title,
  reply,
  gets,
  request,
  stays: true,
});
const chunked = 'Transfer-Encoding: chunked\r\n';
const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
const empty = `${ok}Content-Length: 0\r\n\r\n`;

const bad: readonly Vector[] = [
  ['Content-Length and Transfer-Encoding', `${ok}Content-Length: 3\r\n${chunked}\r\n0\r\n\r\n`],
  ['two Content-Length', `${ok}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`],
  ['a signed Content-Length', `${ok}Content-Length: +3\r\n\r\nabc`],
  ['a list in Content-Length', `${ok}Content-Length: 3, 3\r\n\r\nabc`],
  ['Transfer-Encoding gzip', `${ok}Transfer-Encoding: gzip\r\n\r\nabc`],
  ['Transfer-Encoding gzip, chunked', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['Transfer-Encoding in HTTP/1.0', `HTTP/1.0 200 OK\r\n${chunked}\r\n0\r\n\r\n`],
  ['a bare LF behind a field', `${ok}A: b\nC: d\r\n\r\n`],
  ['a bare LF behind the status line', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
  ['bare LFs all over', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['a bare CR in a value', `${ok}A: b\rc\r\n\r\n`],
  ['a NUL in a value', `${ok}A: b\0c\r\n\r\n`],
  ['a folded line', `${ok}A: b\r\n c\r\n\r\n`],
  ['a space before the colon', `${ok}A : b\r\n\r\n`],
  ['a field name that is no token', `${ok}A(: b\r\n\r\n`],
  ['HTTP/2.0', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['status 099', 'HTTP/1.1 099 OK\r\n\r\n'],
  ['a status that is no number', 'HTTP/1.1 abc OK\r\n\r\n'],
  ['a NUL in the reason', 'HTTP/1.1 200 O\0K\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n'],
  ['garbage without lines', '\x01\x02\x03\xff'],
  ['an empty line first', `\r\n${empty}`],
  ['an unasked 101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ['too many fields', `${ok}${'A: b\r\n'.repeat(101)}\r\n`],
  ['too many fields without end', `${ok}${'A: b\r\n'.repeat(101)}`],
  ['33 options of Connection', `${ok}Connection: ${'a,'.repeat(33)}\r\nContent-Length: 0\r\n\r\n`],
  ['a head without end', `${ok}A: ${'b'.repeat(70_000)}`],
  ['17 interim responses', hint.repeat(17) + empty],
].map(([title = '', reply = '']) => ({ title: `${title} of an endpoint is 502`, reply, stays: true }));

for (const { title, reply } of bad) {
  test(title, async (t) => {
    const backend = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(reply)));
    const sidecar = setUp(t);
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(get);
    await peer.sees('HTTP/1.1 502 Bad Gateway\r\n');
    const upstream = await backend.peer(0);
    await upstream.over();
    const [entry] = await sidecar.logged(1);
    t.is(entry?.['status'], 502);
    t.is(entry?.['flags'], 'UPE');
    t.regex(String(entry?.['reason']), /the endpoint sent|the endpoint switched/);
    t.is(backend.peers.length, 1, 'a request that was answered, however badly, is not repeated');
    peer.reset();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

const good: readonly Vector[] = [
  passes('a plain response passes byte for byte', `${ok}A: b\r\nContent-Length: 3\r\n\r\nabc`),
  passes('a reason phrase is optional', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n'),
  passes('so is its space', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n'),
  passes('an unknown status passes', 'HTTP/1.1 599 \xe9!\r\nContent-Length: 0\r\n\r\n'),
  passes('obs-text passes', `${ok}A: \x80\xff\r\nContent-Length: 0\r\n\r\n`),
  passes('a chunked body passes', `${ok}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`),
  passes(
    'chunk extensions are dropped',
    `${ok}${chunked}\r\n3;a=b\r\nabc\r\n0;c\r\n\r\n`,
    `${ok}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`,
  ),
  passes('trailers pass', `${ok}${chunked}\r\n3\r\nabc\r\n0\r\nT: u\r\nV: w\r\n\r\n`),
  passes(
    'trailers that frame or identify are dropped',
    `${ok}${chunked}\r\n0\r\nContent-Length: 5\r\nA: b\r\nHost: y\r\nSet-Cookie: a\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `${ok}${chunked}\r\n0\r\nA: b\r\n\r\n`,
  ),
  passes('HEAD has no body, whatever its length', `${ok}Content-Length: 3\r\n\r\n`, undefined, head),
  passes('HEAD of a chunked response has no body', `${ok}${chunked}\r\n`, `${ok}\r\n`, head),
  passes('204 has no body', 'HTTP/1.1 204 No Content\r\nA: b\r\n\r\n'),
  passes(
    '204 loses its Content-Length',
    'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
  ),
  passes('304 keeps its Content-Length and has no body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n'),
  passes('103 comes before the response', hint + empty),
  passes('16 interim responses pass', hint.repeat(16) + empty),
  passes('HTTP/1.0 gets no interim response', hint + empty, `${ok}Content-Length: 0\r\nConnection: close\r\n\r\n`, old),
  passes(
    'HTTP/1.0 gets no chunks',
    `${ok}${chunked}\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n`,
    `${ok}Connection: close\r\n\r\nabc`,
    old,
  ),
  passes(
    'what Connection names is dropped, as are the fields of the hop',
    `${ok}Connection: a, close\r\nA: b\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nB: c\r\nContent-Length: 0\r\n\r\n`,
    `${ok}B: c\r\nContent-Length: 0\r\n\r\n`,
  ),
  {
    title: 'a body until the end of the connection becomes chunked',
    reply: `${ok}\r\nabc`,
    gets: `${ok}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`,
  },
  {
    title: 'to HTTP/1.0 it lasts until the end of the connection',
    reply: `${ok}\r\nabc`,
    gets: `${ok}Connection: close\r\n\r\nabc`,
    request: old,
  },
  {
    title: 'an HTTP/1.0 endpoint is understood',
    reply: 'HTTP/1.0 200 OK\r\n\r\nabc',
    gets: `${ok}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`,
  },
];

for (const { title, reply, request = get, gets = reply, stays = false } of good) {
  for (const pieces of ['one piece', 'single bytes']) {
    test(`${title}, in ${pieces}`, async (t) => {
      const whole = pieces === 'one piece';
      const backend = await startBackend(t, (peer) => {
        peer.socket.once('data', async () => {
          for (const piece of whole ? [reply] : reply.split('')) {
            peer.write(piece);
            if (!whole) await new Promise((resolve) => setImmediate(resolve));
          }
          if (!stays) peer.end();
        });
      });
      const sidecar = setUp(t);
      const answer = await ask(await sidecar.straight(backend.port), request);
      t.is(whole ? answer : unchunked(answer), whole ? gets : unchunked(gets));
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

/** Leaves out how a chunked body was cut. */
function unchunked(text: string): string {
  return text.replaceAll(/^[1-9a-f]\r\n([a-c]+)\r\n/gm, '$1');
}

const cut: readonly Vector[] = [
  { title: 'a body shorter than its Content-Length', reply: `${ok}Content-Length: 5\r\n\r\nabc` },
  { title: 'a chunked body without its last chunk', reply: `${ok}${chunked}\r\n3\r\nabc\r\n` },
  { title: 'a chunked body without the end of its trailers', reply: `${ok}${chunked}\r\n3\r\nabc\r\n0\r\nA: b\r\n` },
  { title: 'a malformed chunk', reply: `${ok}${chunked}\r\n3\r\nabc\r\nx\r\n`, stays: true },
  { title: 'chunk data that is too long', reply: `${ok}${chunked}\r\n3\r\nabcd\r\n0\r\n\r\n`, stays: true },
];

for (const { title, reply, stays } of cut) {
  for (const request of [get, old]) {
    test(`${title} resets the client of ${request.slice(7, 15)}`, async (t) => {
      const backend = await startBackend(t, (peer) => {
        peer.socket.once('data', async () => {
          const headEnd = reply.indexOf('\r\n\r\n') + 4;
          peer.write(reply.slice(0, headEnd));
          await headSeen.promise;
          peer.write(reply.slice(headEnd));
          if (stays !== true) peer.end();
        });
      });
      const headSeen = Promise.withResolvers<void>();
      const sidecar = setUp(t);
      const peer = await connect(await sidecar.straight(backend.port));
      peer.write(request);
      await peer.sees('\r\n\r\n');
      headSeen.resolve();
      t.is(await peer.over(), 'reset');
      t.notRegex(peer.text, /0\r\n\r\n$/);
      const [entry] = await sidecar.logged(1);
      t.is(entry?.['flags'], stays === true ? 'UPE' : 'UC');
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

for (const { title, reply } of cut.filter(({ stays }) => stays)) {
  for (const request of [get, old, get.replace('Host', 'Connection: close\r\nHost')]) {
    test(`${title} in one read with the head is 502 to ${request.split('\r\n', 2).join()}`, async (t) => {
      const backend = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(hint + reply)));
      const sidecar = setUp(t);
      const peer = await connect(await sidecar.straight(backend.port));
      peer.write(request);
      await peer.sees('the chunked body is malformed\n');
      const final = peer.text.replace(hint, '');
      t.regex(final, /^HTTP\/1.1 502 Bad Gateway\r\n/);
      t.notRegex(final, /abc|200 OK|chunked\r\n/);
      t.like((await sidecar.logged(1))[0], { status: 502, flags: 'UPE' });
      peer.end();
      t.is(await peer.over(), 'fin');
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

test('bytes behind a response are never taken for the next one', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.on('data', () =>
      peer.write(`${ok}Content-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`),
    );
  });
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  for (let count = 1; count <= 3; count++) {
    peer.write(get);
    await peer.receives(count * `${ok}Content-Length: 1\r\n\r\na`.length);
  }
  t.notRegex(peer.text, /evil/);
  t.is(backend.peers.length, 3, 'each on a connection of its own');
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('bytes on an idle connection end it', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(get);
  await peer.sees('ok');
  backend.peers[0]?.write(`${ok}Content-Length: 4\r\n\r\nevil`);
  await (await backend.peer(0)).over();
  peer.write(get);
  await peer.until(({ text }) => text.split('ok').length === 3);
  t.notRegex(peer.text, /evil/);
  t.is(backend.peers.length, 2);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});
