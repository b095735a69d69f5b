import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import type { Decision } from '../../../proxy/route/decision.ts';
import type { Report } from '../../../proxy/exchange/context.ts';
import type { Flag } from '../../../proxy/observe/flags.ts';
import { explanationFragment } from '../../../proxy/observe/fragment.ts';
import { createMetrics } from '../../../proxy/observe/metrics.ts';
import { type Expectation, nothingExpected } from '../../../proxy/route/expectation.ts';
import { Accepted } from '../../../proxy/serve/accepted.ts';
import type { ConnectionContext, TunnelWay } from '../../../proxy/serve/context.ts';
import { Detected } from '../../../proxy/serve/detected.ts';
import type { Engine } from '../../../proxy/serve/engine.ts';
import { protocols } from '../../../proxy/serve/protocols.ts';
import type { Served } from '../../../proxy/serve/served.ts';
import type { Serving } from '../../../proxy/serve/serving.ts';
import type { Receiver } from '../../../proxy/socket/connection.ts';
import type { UpstreamEndpoint } from '../../../proxy/upstream/endpoint.ts';
import { drain } from '../../../sidecar/shutdown.ts';
import { connectTo } from '../accepted.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { readyEndpoint, setUp } from '../harness.ts';
import type { Peer } from '../peer.ts';

const explanation = explanationFragment({ backend: 'made-up' });
const metrics = createMetrics();

/** A role that knows one endpoint, and no redirection: as a gateway's listener might be. */
class MadeUpContext implements ConnectionContext {
  readonly direction = 'outbound';
  readonly family = 4;
  readonly port = 8080;
  readonly destinationName = 'made-up:8080';
  readonly random = Math.random;
  readonly progressTimeoutMs = 120_000;
  silenceMs = 120_000;
  readonly peer = undefined;
  expectation: Expectation = nothingExpected;
  readonly unrouted = { explanation, metrics: metrics.http.route({}) };
  released = 0;
  private readonly engine: Engine;
  private readonly endpoint: UpstreamEndpoint;

  constructor(engine: Engine, port: number) {
    this.engine = engine;
    this.endpoint = engine.registry.acquire(readyEndpoint(port));
  }

  explain(_flag: Flag, reason: string): string {
    return reason;
  }

  reportOf(): Report {
    return this.engine.report;
  }

  decide(): Decision {
    const candidates = [this.endpoint];
    return {
      type: 'Forward',
      ...this.unrouted,
      protocol: 'http1',
      group: {
        name: 'made-up',
        known: true,
        members: [],
        whyNone: undefined,
        affinity: undefined,
        budget: undefined,
        candidates: () => candidates,
      },
      requestHeaders: [],
      responseHeaders: [],
      hostname: undefined,
      path: undefined,
      matchedPrefix: undefined,
      cors: undefined,
      timeouts: undefined,
      mirrors: undefined,
      retry: undefined,
      retries: undefined,
    };
  }

  tunnelWay(): TunnelWay {
    return { endpoint: this.endpoint, explanation, metrics: metrics.tcp.outbound(undefined), reason: undefined };
  }

  release(): void {
    this.released++;
    this.engine.registry.release(this.endpoint);
  }
}

/** A protocol of words: each line is answered in capitals; a line is under way until its end has come. */
class Shouting implements Served, Receiver {
  private line = '';
  private readonly serving: Serving;

  constructor(serving: Serving, first: Buffer) {
    this.serving = serving;
    serving.connection.receiver = this;
    this.onBytes(first, first.length);
  }

  onBytes(buffer: Buffer, length: number): void {
    const lines = (this.line + buffer.toString('latin1', 0, length)).split('\n');
    this.line = lines.pop() ?? '';
    for (const line of lines) this.serving.connection.writeText(`${line.toUpperCase()}!\n`);
  }

  readonly held = 0;

  shed(): void {
    this.destroy();
  }

  get idle(): boolean {
    return this.line === '';
  }

  close(): void {
    this.serving.connection.writeText('BYE\n');
    this.serving.connection.end();
  }

  onEnd(): void {
    this.close();
  }

  onDrain(): void {
    // Its answers are short.
  }

  onClose(): void {
    this.serving.over();
  }

  destroy(): void {
    this.serving.connection.destroy();
  }
}

const shouting = { ...protocols, opaque: (serving: Serving, first: Buffer): Served => new Shouting(serving, first) };

function broken(): Served {
  throw new Error('broken');
}

async function serve(t: Parameters<typeof setUp>[0], table = protocols, expectation = nothingExpected) {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const context = new MadeUpContext(sidecar.engine, backend.port);
  context.expectation = expectation;
  const peer: Peer = await connectTo(t, (connection) => {
    new Accepted(connection, context, sidecar.engine, table).begin();
  });
  return { backend, sidecar, context, peer };
}

test('a role that knows no redirection has its requests served', async (t) => {
  const { sidecar, context, peer } = await serve(t);
  peer.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.sees('\r\n\r\nok');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
  t.is(context.released, 1);
  t.like((await sidecar.logged(1))[0], { message: 'request', backend: 'made-up', path: '/a', status: 200 });
});

test('a protocol of its own is served from the first byte, and tells when it is over', async (t) => {
  const { sidecar, context, peer } = await serve(t, shouting);
  peer.write('\0a\nb');
  await peer.sees('\0A!\n');
  peer.write('c\n');
  await peer.sees('BC!\n');
  peer.end();
  await peer.sees('BYE\n');
  t.deepEqual(await sidecar.leftovers(), []);
  t.is(context.released, 1);
});

test('a protocol that throws leaves no connection to the server that was asked ahead', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t);
  const context = new MadeUpContext(sidecar.engine, backend.port);
  context.silenceMs = 1;
  let receive: (() => void) | undefined;
  const peer = await connectTo(t, (connection) => {
    new Accepted(connection, context, sidecar.engine, { ...protocols, opaque: broken }).begin();
    receive = () => connection.receiver.onBytes(Buffer.from('\0a'), 2);
  });
  const asked = await backend.peer(0);
  t.throws(() => receive?.(), { message: 'broken' });
  await asked.over();
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an end that came before it was known what is spoken reaches the protocol', async (t) => {
  const { sidecar, peer } = await serve(t, shouting);
  peer.write('hello');
  peer.end();
  t.is(await peer.over(), 'fin');
  t.is(peer.text, 'BYE\n');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('what is declared is begun without a byte', async (t) => {
  const { sidecar, peer } = await serve(t, shouting, { protocol: 'opaque', routed: false });
  peer.end();
  t.is(await peer.over(), 'fin');
  t.is(peer.text, 'BYE\n');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a drain closes it in its own manner once it is idle', async (t) => {
  const { sidecar, peer } = await serve(t, shouting);
  peer.write('\0\nhalf');
  await peer.sees('\0!\n');
  const draining = drain({ ...sidecar.draining, graceMs: 20_000 });
  for (let turns = 0; turns < 10; turns++) await turn();
  t.is(peer.ended, undefined);
  peer.write(' a line\n');
  await peer.over();
  t.is(peer.text, '\0!\nHALF A LINE!\nBYE\n');
  peer.end();
  await draining;
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a drain cuts off what is still under way when its time is over', async (t) => {
  const { sidecar, context, peer } = await serve(t, shouting);
  peer.write('\0\nhalf');
  await peer.sees('\0!\n');
  await drain({ ...sidecar.draining, graceMs: 100 });
  await peer.over();
  t.is(peer.text, '\0!\n');
  t.deepEqual(await sidecar.leftovers(), []);
  t.is(context.released, 1);
});

test('a protocol that wraps another has what is inside detected anew and served', async (t) => {
  const hello = '\x16\x03\x01\0\x01\x01wrapped ';
  const { backend, sidecar, context, peer } = await serve(t, {
    ...protocols,
    tls(serving, first) {
      const inner = new Detected(serving);
      inner.begin();
      serving.connection.receiver.onBytes(first.subarray(hello.length), first.length - hello.length);
      return inner;
    },
  });
  peer.write(`${hello}GET /inside HTTP/1.1\r\nHost: x\r\n\r\n`);
  await peer.sees('\r\n\r\nok');
  t.is(backend.requests.length, 1);
  peer.end();
  t.like((await sidecar.logged(1))[0], { message: 'request', path: '/inside', status: 200 });
  t.deepEqual(await sidecar.leftovers(), []);
  t.is(context.released, 1);
});
