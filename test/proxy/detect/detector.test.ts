import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Protocol } from '../../../routing/model.ts';
import type { Spoken } from '../../../proxy/detect/detect.ts';
import { Detector, type DetectorLimits, type DetectorOwner } from '../../../proxy/detect/detector.ts';
import { type Expectation, nothingExpected } from '../../../proxy/route/expectation.ts';
import type { Connection } from '../../../proxy/socket/connection.ts';
import { connectTo } from '../accepted.ts';
import type { Peer } from '../peer.ts';

const neverMs = 120_000;
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const hello = '\x16\x03\x01\x00\x05hello';
const get = 'GET / HTTP/1.1\r\n';

/** Notes what it is told, in order: `protocol "bytes"`, `closed`. */
class Listener implements DetectorOwner {
  expectation: Expectation;
  readonly limits: DetectorLimits;
  readonly heard: string[] = [];
  connection: Connection | undefined;
  /** Bytes that the detector has read. */
  read = 0;
  detector: Detector | undefined;

  constructor(expectation: Expectation, limits: Partial<DetectorLimits>) {
    this.expectation = expectation;
    this.limits = { detectTimeoutMs: neverMs, idleTimeoutMs: neverMs, headerTimeoutMs: neverMs, ...limits };
  }

  listen(connection: Connection): void {
    this.connection = connection;
    const detector = new Detector(connection, this);
    const onBytes = detector.onBytes.bind(detector);
    detector.onBytes = (buffer, length) => {
      this.read += length;
      onBytes(buffer, length);
    };
    this.detector = detector;
    detector.start();
  }

  onDetected(spoken: Spoken, first: Buffer): void {
    this.heard.push(`${spoken} ${JSON.stringify(first.toString('latin1'))}`);
  }

  onClosed(): void {
    this.heard.push('closed');
  }

  async hears(count: number): Promise<readonly string[]> {
    for (let turns = 0; turns < 3000 && this.heard.length < count; turns++) await sleep(10);
    return this.heard;
  }
}

type Known = { readonly protocol?: Protocol; readonly routed?: boolean; readonly limits?: Partial<DetectorLimits> };

async function detecting(
  t: ExecutionContext,
  { protocol = 'detect', routed = false, limits = {} }: Known = {},
): Promise<{ readonly peer: Peer; readonly owner: Listener }> {
  const owner = new Listener({ protocol, routed }, limits);
  return { peer: await connectTo(t, (connection) => owner.listen(connection)), owner };
}

const told = (spoken: Spoken, bytes: string): readonly string[] => [`${spoken} ${JSON.stringify(bytes)}`];

// How many bytes it takes to tell; all that has been read then is handed over.
const vectors: readonly (readonly [title: string, bytes: string, spoken: Spoken, enough: number, known?: Known])[] = [
  ['a request', `${get}Host: x\r\n\r\n`, 'http1', get.length],
  ['a request where routes are attached', get, 'http1', get.length, { routed: true }],
  ['a TLS hello', hello, 'tls', 2],
  ['a TLS hello where HTTP is declared', hello, 'tls', 2, { protocol: 'http1' }],
  ['the HTTP/2 preface', preface, 'http2', preface.length],
  ['a line of SMTP', 'EHLO x\r\n', 'opaque', 8],
  ['a line of SMTP where routes are attached', 'EHLO x\r\n', 'http1', 8, { routed: true }],
  ['a line of SMTP where HTTP is declared', 'EHLO x\r\n', 'http1', 8, { protocol: 'http1' }],
  ['a NUL where routes are attached', '\0', 'opaque', 1, { routed: true }],
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

for (const protocol of ['opaque', 'http2', 'tls'] as const) {
  test(`where ${protocol} is declared no byte is waited for`, async (t) => {
    const { owner } = await detecting(t, { protocol });
    t.deepEqual(owner.heard, told(protocol, ''));
  });
}

test('a client that is silent is taken to wait for its server', async (t) => {
  const { owner } = await detecting(t, { limits: { detectTimeoutMs: 50 } });
  t.deepEqual(await owner.hears(1), told('opaque', ''));
});

for (const known of [{ protocol: 'http1' }, { routed: true }] as const) {
  test(`where the client speaks first (${Object.keys(known).join()}), a silent one is closed after the idle timeout`, async (t) => {
    const { peer, owner } = await detecting(t, { ...known, limits: { detectTimeoutMs: 10, idleTimeoutMs: 100 } });
    await peer.over();
    t.deepEqual(await owner.hears(1), ['closed']);
  });
}

for (const [known, spoken] of [
  [{}, 'opaque'],
  [{ routed: true }, 'opaque'],
  [{ protocol: 'http1' }, 'http1'],
] as const) {
  test(`with too few bytes after the header timeout it is ${spoken} (${JSON.stringify(known)})`, async (t) => {
    const { peer, owner } = await detecting(t, { ...known, limits: { headerTimeoutMs: 200 } });
    const trickle = setInterval(() => peer.write('A'), 40);
    t.teardown(() => clearInterval(trickle));
    peer.write('A');
    const [first] = await owner.hears(1);
    t.regex(first ?? '', new RegExp(`^${spoken} "A+"$`));
  });

  test(`with too few bytes before the end it is ${spoken} (${JSON.stringify(known)})`, async (t) => {
    const { peer, owner } = await detecting(t, known);
    peer.write('GET / HT');
    peer.end();
    t.deepEqual(await owner.hears(1), told(spoken, 'GET / HT'));
  });
}

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

test('endless bytes that tell nothing are opaque after 16 KB', async (t) => {
  const { peer, owner } = await detecting(t);
  peer.write('\r\n'.repeat(10_000));
  const [first = ''] = await owner.hears(1);
  t.regex(first, /^opaque /);
});

test('what becomes known while bytes are awaited counts', async (t) => {
  const { peer, owner } = await detecting(t);
  peer.write('EHLO');
  while (owner.detector?.idle === true) await turn();
  owner.expectation = { protocol: 'detect', routed: true };
  peer.write(' x\r\n');
  t.deepEqual(await owner.hears(1), told('http1', 'EHLO x\r\n'));
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
  const { peer, owner } = await detecting(t, { limits: { headerTimeoutMs: 1000 } });
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
