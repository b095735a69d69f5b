import test from 'ava';
import { startBackend, startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect } from '../peer.ts';

type Vector = {
  readonly title: string;
  /** What the endpoint sends for the one request; then it half-closes, unless it `stays`. */
  readonly reply: string;
  readonly stays?: boolean;
};

const ok = 'HTTP/1.1 200 OK\r\n';
const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const old = 'GET /a HTTP/1.0\r\nHost: x\r\n\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n';
const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';

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
