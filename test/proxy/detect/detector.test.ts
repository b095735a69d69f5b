import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Spoken } from '../../../proxy/detect/detect.ts';
import { nothingExpected } from '../../../proxy/route/expectation.ts';
import { connectTo } from '../accepted.ts';
import { detecting, type Known, Listener, told } from './detecting.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const hello = '\x16\x03\x01\x00\x05\x01ello';
const get = 'GET / HTTP/1.1\r\n';

// How many bytes it takes to tell; all that has been read then is handed over.
const vectors: readonly (readonly [title: string, bytes: string, spoken: Spoken, enough: number, known?: Known])[] = [
  ['a request', `${get}Host: x\r\n\r\n`, 'http1', get.length],
  ['a request where routes are attached', get, 'http1', 1, { routed: true }],
  ['a TLS hello', hello, 'tls', 6],
  ['a TLS hello where HTTP is declared', hello, 'tls', 6, { protocol: 'http1' }],
  ['what only begins like one where routes are attached', '\x16\x03GET', 'http1', 3, { routed: true }],
  ['the HTTP/2 preface', preface, 'http2', preface.length],
  ['a line of SMTP', 'EHLO x\r\n', 'opaque', 8],
  ['a line of SMTP where routes are attached', 'EHLO x\r\n', 'http1', 1, { routed: true }],
  ['a line of SMTP where HTTP is declared', 'EHLO x\r\n', 'http1', 1, { protocol: 'http1' }],
  ['a NUL where routes are attached', '\0', 'http1', 1, { routed: true }],
];
for (const [title, bytes, spoken, enough, known] of vectors) {
  test(`${title} is ${spoken}, in one piece`, async (t) => {
    const { peer, owner } = await detecting(t, known);
    peer.write(bytes);
    t.deepEqual(await owner.hears(1), told(spoken, bytes));
  });

  test(`${title} is ${spoken}, byte by byte, as soon as that can be told`, async (t) => {
    const { peer, owner } = await detecting(t, known);
    for (let at = 0; at < enough; at++) {
      t.deepEqual(owner.heard, [], `told after ${at} bytes`);
      peer.write(bytes.charAt(at));
      // Read before the next is sent.
      while (owner.heard.length === 0 && owner.read !== at + 1) await turn();
    }
    t.deepEqual(await owner.hears(1), told(spoken, bytes.slice(0, enough)));
  });
}

for (const protocol of ['opaque', 'tls'] as const) {
  test(`where ${protocol} is declared no byte is waited for`, async (t) => {
    const { owner } = await detecting(t, { protocol });
    t.deepEqual(owner.heard, told(protocol, ''));
  });
}

test('where HTTP/2 is declared the bytes tell all the same', async (t) => {
  for (const [bytes, spoken] of [
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
    [get, 'http1'],
    ['\0\0\0', 'opaque'],
  ] as const) {
    const { peer, owner } = await detecting(t, { protocol: 'http2' });
    peer.write(bytes);
    t.deepEqual(await owner.hears(1), told(spoken, bytes));
  }
});

test('silence does not tell what is spoken: it goes on, and then both may have been silent for too long', async (t) => {
  const { owner } = await detecting(t, { limits: { silenceMs: 50, idleTimeoutMs: 400 } });
  t.deepEqual(await owner.hears(2), ['silence', 'idle']);
});

test('a client that speaks after its silence is heard', async (t) => {
  const { peer, owner } = await detecting(t, { limits: { silenceMs: 50 } });
  await owner.hears(1);
  peer.write(get);
  t.deepEqual(await owner.hears(2), ['silence', ...told('http1', get)]);
});

test('where HTTP is declared the server is not asked, and a silent client is idle', async (t) => {
  const { owner } = await detecting(t, { protocol: 'http1', limits: { silenceMs: 10, idleTimeoutMs: 200 } });
  t.deepEqual(await owner.hears(1), ['idle']);
});

// What the server does while the client is silent; undefined: it ends, or cannot be reached.
for (const [what, said, known, isOpaque] of [
  ['a greeting', '220 hello\r\n', {}, true],
  ['a response to no request', 'HTTP/1.1 408 Request Timeout\r\n', {}, true],
  ['its end', undefined, {}, true],
  ['the SETTINGS of a server of HTTP/2', '\0\0\u0006\u0004\0\0\0\0\0\0\u0003\0\0\0d', {}, false],
  ['a greeting of MySQL', 'J\0\0\0\n8.0.36\0', {}, true],
  ['a greeting where routes are attached', 'J\0\0\0', { routed: true }, true],
  ['a response to no request where routes are attached', 'HTTP/1.1 408', { routed: true }, false],
  ['the beginning of one where routes are attached', 'HT', { routed: true }, false],
  ['its end where routes are attached', undefined, { routed: true }, false],
] as const) {
  test(`${what} is ${isOpaque ? 'an opaque protocol' : 'no protocol: the client may still speak'}`, async (t) => {
    const { peer, owner } = await detecting(t, { ...known, limits: { silenceMs: 10 } });
    await owner.hears(1);
    owner.detector?.onServer(said === undefined ? undefined : Buffer.from(said));
    t.deepEqual(owner.heard.slice(1), isOpaque ? told('opaque', '') : []);
    if (isOpaque) return;
    peer.write(get);
    t.deepEqual((await owner.hears(2)).slice(1), told('http1', get));
  });
}

test('where routes are attached, a client that has begun to speak does not wait for its server', async (t) => {
  const { peer, owner } = await detecting(t, { routed: true, limits: { silenceMs: 10 } });
  await owner.hears(1);
  peer.write('P');
  while (owner.read !== 1) await turn();
  owner.detector?.onServer(Buffer.from('220 hello\r\n'));
  t.is(owner.heard.length, 1);
  peer.write('OST / HTTP/1.1\r\n');
  t.deepEqual((await owner.hears(2)).slice(1), told('http1', 'POST / HTTP/1.1\r\n'));
});

// What is there when the time is over, and when the client has ended.
for (const [bytes, known, inTime, atEnd] of [
  ['ruok', {}, 'opaque', 'opaque'],
  ['JDWP-Handshake', {}, 'opaque', 'opaque'],
  ['get key', {}, 'opaque', 'opaque'],
  ['GEX', {}, 'opaque', 'opaque'],
  ['GETTER', {}, 'opaque', 'opaque'],
  ['\r\n', {}, 'opaque', 'opaque'],
  ['GET ', {}, 'http1', 'opaque'],
  ['GET / HT', {}, 'http1', 'opaque'],
  ['\r\nX_Y /a', {}, 'http1', 'opaque'],
  ['PURGE http://a/', {}, 'http1', 'opaque'],
  ['PRI * HT', { routed: true }, 'http1', 'http1'],
  ['\x16', { routed: true }, 'http1', 'http1'],
  ['P', { protocol: 'http1' }, 'http1', 'http1'],
] as const) {
  const title = `${JSON.stringify(bytes)} (${JSON.stringify(known)})`;
  test(`${title} is ${inTime} when the time for detection is over, however it comes`, async (t) => {
    const { peer, owner } = await detecting(t, { ...known, limits: { detectTimeoutMs: 1500 } });
    for (const byte of bytes) {
      const before = owner.read;
      peer.write(byte);
      while (owner.read === before) await turn();
    }
    t.deepEqual(owner.heard, [], 'not before');
    t.deepEqual(await owner.hears(1), told(inTime, bytes));
  });

  test(`${title} is ${atEnd} when the client ends`, async (t) => {
    const { peer, owner } = await detecting(t, known);
    peer.write(bytes);
    peer.end();
    t.deepEqual(await owner.hears(1), told(atEnd, bytes));
  });
}

// A pause within the method, beyond the time for detection.
for (const [begun, rest, spoken] of [
  ['GE', 'T / HTTP/1.1\r\n', 'http1'],
  ['G', 'ET ', 'http1'],
  ['\r\nPOS', 'T /', 'http1'],
  ['OPTIONS', ' *', 'http1'],
  ['P', '\0\x01', 'opaque'],
  ['GE', 'X', 'opaque'],
] as const) {
  test(`${JSON.stringify(begun)}, a pause, ${JSON.stringify(rest)} is ${spoken} at once`, async (t) => {
    const { peer, owner } = await detecting(t, { limits: { detectTimeoutMs: 50 } });
    peer.write(begun);
    await sleep(300);
    t.deepEqual(owner.heard, []);
    peer.write(rest);
    t.deepEqual(await owner.hears(1), told(spoken, begun + rest));
  });
}

test('the rest of a method is not waited for beyond the time for heads', async (t) => {
  const { peer, owner } = await detecting(t, { limits: { detectTimeoutMs: 50, headerTimeoutMs: 300 } });
  peer.write('P');
  t.deepEqual(await owner.hears(1), told('opaque', 'P'));
});

test('bytes that trickle in after a silence have their time from the first of them', async (t) => {
  const { peer, owner } = await detecting(t, { limits: { silenceMs: 10, detectTimeoutMs: 400 } });
  await owner.hears(1);
  await sleep(500);
  peer.write('GE');
  await sleep(100);
  peer.write('T / HTTP/1.1\r\n');
  t.deepEqual((await owner.hears(2)).slice(1), told('http1', get));
});

test('a client that ends within a method has sent no request', async (t) => {
  const { peer, owner } = await detecting(t, { limits: { detectTimeoutMs: 50 } });
  peer.write('GE');
  await sleep(200);
  peer.end();
  t.deepEqual(await owner.hears(1), told('opaque', 'GE'));
});

test('a client that ends without a byte may still be spoken to', async (t) => {
  const { peer, owner } = await detecting(t);
  peer.end();
  t.deepEqual(await owner.hears(1), told('opaque', ''));
});

test('where HTTP is declared it is let go', async (t) => {
  const { peer, owner } = await detecting(t, { protocol: 'http1' });
  peer.end();
  t.is(await peer.over(), 'fin');
  t.deepEqual(await owner.hears(1), ['closed']);
});

test('endless empty lines are for the codec to refuse', async (t) => {
  const { peer, owner } = await detecting(t);
  peer.write('\r\n'.repeat(10_000));
  const [first = ''] = await owner.hears(1);
  t.regex(first, /^http1 /);
});

test('what becomes known while bytes are awaited counts', async (t) => {
  const { peer, owner } = await detecting(t);
  peer.write('EHLO');
  while (owner.detector?.idle === true) await turn();
  owner.expectation = { protocol: 'detect', routed: true };
  peer.write(' ');
  t.deepEqual(await owner.hears(1), told('http1', 'EHLO '));
});

test('it is idle until a byte comes, and then may be closed', async (t) => {
  const { peer, owner } = await detecting(t);
  t.true(owner.detector?.idle);
  peer.write('G');
  while (owner.read !== 1) await turn();
  t.false(owner.detector?.idle);
  owner.detector?.close();
  await peer.over();
  t.deepEqual(await owner.hears(1), ['closed']);
});

test('a client that goes away is no protocol, and no timer is left', async (t) => {
  const { peer, owner } = await detecting(t, { limits: { detectTimeoutMs: 1000 } });
  peer.write('G');
  while (owner.read !== 1) await turn();
  peer.reset();
  await owner.hears(1);
  await sleep(1200);
  t.deepEqual(owner.heard, ['closed']);
});

test('what is inside of what was found is detected on the same connection, from the bytes that were left over', async (t) => {
  const inner = new Listener(nothingExpected, {});
  const outer = new Listener(nothingExpected, {});
  outer.onDetected = (spoken, first) => {
    outer.heard.push(spoken);
    if (outer.connection === undefined) return;
    inner.listen(outer.connection);
    inner.detector?.onBytes(first.subarray(hello.length), first.length - hello.length);
  };
  const peer = await connectTo(t, (connection) => outer.listen(connection));
  peer.write(`${hello}GET / `);
  t.deepEqual(await outer.hears(1), ['tls']);
  t.false(inner.detector?.idle);
  peer.write('HTTP/1.1\r\n');
  t.deepEqual(await inner.hears(1), told('http1', get));
  peer.reset();
  await inner.hears(2);
  t.is(inner.heard[1], 'closed');
  t.deepEqual(outer.heard, ['tls'], 'the connection is the inner one’s by then');
});
