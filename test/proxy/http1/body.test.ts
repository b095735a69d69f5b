import test from 'ava';
import { startBackend, startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const head = 'POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';

const bad: Readonly<Record<string, string>> = {
  'a chunk size without digits': '\r\nabc',
  'a chunk size that is no hex number': 'g\r\n',
  'a chunk size with 0x': '0x3\r\nabc\r\n',
  'a negative chunk size': '-3\r\nabc\r\n',
  'a chunk size of 17 digits': '00000000000000003\r\nabc\r\n',
  'a chunk size beyond 2^53': '20000000000000\r\nabc',
  'a chunk size of 16 f': 'ffffffffffffffff\r\nabc',
  'white space before the chunk size': ' 3\r\nabc\r\n',
  ...Object.fromEntries(
    ['5 5', '5\t5', '5 0', '5 x', '0 0', '5 \t 5', '5  a;b', '5 =', '5 \x80', '5,', '5\0'].map((size) => [
      `the chunk size ${JSON.stringify(size)}`,
      `${size}\r\nabcde\r\n0\r\n\r\n`,
    ]),
  ),
  'padding without end': `3${' '.repeat(5000)}`,
  'a bare LF behind the last chunk': '0\r\n\n',
  'a bare CR behind the last chunk': '0\r\n\rA',
  'a bare LF behind a trailer': '0\r\nA: b\n',
  'a NUL in a trailer': '0\r\nA: \0',
  'a bare LF behind the chunk size': '3\nabc\r\n0\r\n\r\n',
  'a bare CR behind the chunk size': '3\rabc\r\n0\r\n\r\n',
  'a bare LF in an extension': '3;a\nabc\r\n0\r\n\r\n',
  'a NUL in an extension': '3;a\0b\r\nabc\r\n0\r\n\r\n',
  'an extension without end': `3;${'a'.repeat(5000)}`,
  'a bare LF behind the chunk data': '3\r\nabc\n0\r\n\r\n',
  'chunk data longer than its size': '3\r\nabcd\r\n0\r\n\r\n',
  'no CRLF behind the chunk data': '3\r\nabc0\r\n\r\n',
  'trailers of more than 16 KB': `0\r\nA: ${'b'.repeat(17_000)}\r\n\r\n`,
  'trailers without end': `0\r\n${'A: b\r\n'.repeat(4000)}`,
  'more than 100 trailers': `0\r\n${'A: b\r\n'.repeat(101)}\r\n`,
  'a folded trailer': '0\r\nA: b\r\n c\r\n\r\n',
  'a trailer without colon': '0\r\nA\r\n\r\n',
  'a space before the colon of a trailer': '0\r\nA : b\r\n\r\n',
};

for (const [title, body] of Object.entries(bad)) {
  test(`${title} is 400, and the endpoint gets no end of the request`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(head + body);
    await peer.over();
    t.regex(peer.text, /^HTTP\/1.1 400 Bad Request\r\n/);
    t.regex(peer.text, /\r\nConnection: close\r\n/);
    t.deepEqual(backend.requests, []);
    const [entry] = await sidecar.logged(1);
    t.is(entry?.['flags'], 'DPE');
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

const good: Readonly<Record<string, readonly [string, string]>> = {
  'an empty chunked body': ['0\r\n\r\n', '0\r\n\r\n'],
  'a last chunk of many zeros': ['000\r\n\r\n', '0\r\n\r\n'],
  'upper case and leading zeros': ['00A\r\n0123456789\r\n0\r\n\r\n', 'a\r\n0123456789\r\n0\r\n\r\n'],
  'padding behind every chunk size, more of it than one extension may have': [
    `${'1          \r\nx\r\n'.repeat(450)}0\r\n\r\n`,
    `${'1\r\nx\r\n'.repeat(450)}0\r\n\r\n`,
  ],
  'padding before an extension': ['3 \t;a\r\nabc\r\n0 \r\n\r\n', '3\r\nabc\r\n0\r\n\r\n'],
  'extensions are dropped': ['3;a;b="c"\r\nabc\r\n0;d\r\n\r\n', '3\r\nabc\r\n0\r\n\r\n'],
  'trailers pass in order': ['0\r\nB: 1\r\nA: 2\r\nB: 3\r\n\r\n', '0\r\nB: 1\r\nA: 2\r\nB: 3\r\n\r\n'],
  'trailers that frame or identify are dropped': [
    '0\r\nContent-Length: 1\r\nA: b\r\nHost: y\r\nAuthorization: z\r\nTransfer-Encoding: chunked\r\nTE: x\r\nConnection: c\r\nCookie: d\r\n\r\n',
    '0\r\nA: b\r\n\r\n',
  ],
};

for (const [title, [body, sees]] of Object.entries(good)) {
  for (const whole of [true, false]) {
    test(`${title}${whole ? '' : ', byte for byte'}`, async (t) => {
      const backend = await startOkBackend(t);
      const sidecar = setUp(t);
      const peer = await connect(await sidecar.straight(backend.port));
      const text = head + body;
      for (const piece of whole ? [text] : text.split('')) {
        peer.write(piece);
        if (!whole) await new Promise((resolve) => setImmediate(resolve));
      }
      await peer.sees('ok');
      const seen = backend.requests[0]?.body ?? '';
      t.is(dechunked(seen), dechunked(sees));
      t.deepEqual(backend.problems, []);
      peer.end();
      await peer.over();
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

/** The data and, behind `0`, the trailers. */
function dechunked(body: string): string {
  const size = Number.parseInt(body, 16);
  const at = body.indexOf('\r\n') + 2;
  return size > 0 ? body.slice(at, at + size) + dechunked(body.slice(at + size + 2)) : body;
}

test('what follows a refused body is not read as a request', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(`${head}x\r\nGET /evil HTTP/1.1\r\nHost: x\r\n\r\n`);
  await peer.over();
  t.is(peer.text.split('HTTP/1.1 ').length, 2);
  t.deepEqual(backend.requests, []);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const framing of ['Content-Length: 6', 'Transfer-Encoding: chunked']) {
  test(`a client that ends within a body of ${framing} leaves the endpoint no whole request`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(`POST /a HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n3\r\nab`);
    await (await backend.peer(0)).sees('ab');
    peer.end();
    await (await backend.peer(0)).over();
    t.deepEqual(backend.requests, []);
    const [entry] = await sidecar.logged(1);
    t.is(entry?.['flags'], 'DC');
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('an early answer is delivered, the rest of the body is read away, and the connection goes on', async (t) => {
  const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly';
  const backend = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(reply)));
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(`${head}3\r\nabc\r\n`);
  await peer.sees('early');
  await (await backend.peer(0)).over();
  peer.write('3\r\nabc\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.until(({ text }) => text.split('early').length === 3);
  t.is(peer.text, reply + reply);
  t.regex((await backend.peer(1)).text, /^GET \/b /);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an early answer ends the connection when the rest of the body is too long', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => peer.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n'));
  });
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n');
  await peer.sees('413');
  for (let sent = 0; sent < 40; sent++) peer.write(Buffer.alloc(65_536));
  await peer.over();
  t.is(peer.text, 'HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});
