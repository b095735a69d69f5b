import { pino } from 'pino';
import test from 'ava';
import { noteHeld, pressure } from '../../../proxy/socket/held.ts';
import { limitHeld } from '../../../proxy/serve/limitHeld.ts';
import type { Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import {
  both,
  codeOf,
  connectRaw,
  data,
  emptySettings,
  endHeaders,
  endStream,
  frame,
  framesOf,
  goaway,
  headers,
  literal,
  okBlock,
  rstStream,
  seesFrame,
  setting,
  settings,
} from './raw.ts';
import { got, startRaw } from './rawServer.ts';
import {
  answerOf,
  asks,
  connectTunnels,
  openTunnel,
  routeTo,
  startHttp1Tunnels,
  switchTo,
  tunnel,
  ways,
} from './tunnelling.ts';

const block = (protocol: string, ...more: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(
    [
      [':method', 'CONNECT'],
      [':scheme', 'http'],
      [':authority', 'x'],
      [':path', '/'],
      [':protocol', protocol],
      ...more,
    ].map(([name = '', value = '']) => literal(name, value)),
  );

test('tunnels are offered to clients, in the first SETTINGS', async (t) => {
  const sidecar = setUp(t);
  const peer = await connectRaw(t, await sidecar.straight((await startHttp1Tunnels(t)).port));
  const { payload } = await seesFrame(peer, ({ type, flags }) => type === settings && flags === 0);
  t.true(payload.includes(setting(8, 1)));
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [title, fields, told] of [
  ['to HTTP', block('h2c'), 501],
  ['that waits for 100', block('websocket', ['expect', '100-continue']), 417],
  ['with a length', block('websocket', ['content-length', '5']), 'PROTOCOL_ERROR'],
  ['to what is no token', block('web socket'), 'PROTOCOL_ERROR'],
  ['with Connection', block('websocket', ['connection', 'upgrade']), 'PROTOCOL_ERROR'],
] as const)
  test(`a tunnel ${title} is refused, its endpoint hears nothing, and the connection goes on`, async (t) => {
    const backend = await startHttp1Tunnels(t);
    const { sidecar, port } = await routeTo(t, 'http1', backend.port);
    const peer = await connectRaw(t, port);
    peer.write(frame(headers, endHeaders, 1, fields));
    peer.write(frame(data, 0, 1, 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'));
    if (typeof told === 'number') {
      const { payload } = await seesFrame(peer, ({ type, id }) => type === headers && id === 1);
      t.true(payload.toString('latin1').includes(String(told)));
    } else t.is(codeOf(await seesFrame(peer, ({ type }) => type === rstStream)), told);
    t.is((await sidecar.logged(1))[0]?.['flags'], 'DPE');
    peer.write(frame(headers, endHeaders, 3, block('websocket')));
    await seesFrame(peer, ({ type, id }) => type === headers && id === 3);
    t.is(backend.peers.length, 1);
    t.false(backend.peers[0]?.text.includes('admin'));
    peer.reset();
    t.deepEqual(await sidecar.leftovers(), []);
  });

test('HEADERS in a tunnel break it on both sides', async (t) => {
  const backend = await startHttp1Tunnels(t);
  const { sidecar, port } = await routeTo(t, 'http1', backend.port);
  const peer = await connectRaw(t, port);
  peer.write(frame(headers, endHeaders, 1, block('websocket')));
  await seesFrame(peer, ({ type, id }) => type === headers && id === 1);
  peer.write(frame(headers, both, 1, literal('a', 'b')));
  t.is(codeOf(await seesFrame(peer, ({ type }) => type === rstStream)), 'PROTOCOL_ERROR');
  t.is(await (await backend.peer(0)).over(), 'reset');
  t.like((await sidecar.logged(1))[0], { status: 101, flags: 'DC' });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('the same of an endpoint', async (t) => {
  const backend = await startRaw(
    t,
    (peer, id) => {
      peer.write(frame(headers, endHeaders, id, okBlock));
      peer.write(frame(data, 0, id, 'hello'));
      setTimeout(() => peer.write(frame(headers, both, id, literal('a', 'b'))), 100);
    },
    frame(settings, 0, 0, setting(8, 1)),
  );
  const sidecar = setUp(t);
  const session = await connectTunnels(t, await sidecar.straight(backend.port));
  const opened = openTunnel(session);
  await opened.sees('hello');
  t.is(await opened.over(), 8);
  const server = await backend.peer(0);
  t.is(
    got(server)
      .filter(({ type }) => type === rstStream)
      .map(codeOf)[0],
    'PROTOCOL_ERROR',
  );
  t.like((await sidecar.logged(1))[0], { status: 101, flags: 'UC' });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an endpoint may end its side with the head that grants the tunnel', async (t) => {
  const backend = await startRaw(
    t,
    (peer, id) => peer.write(frame(headers, both, id, okBlock)),
    frame(settings, 0, 0, setting(8, 1)),
  );
  const sidecar = setUp(t);
  const session = await connectTunnels(t, await sidecar.straight(backend.port));
  const opened = openTunnel(session);
  t.like(await answerOf(opened), { ':status': 200 });
  opened.stream.end('to nobody');
  t.is(await opened.over(), 0);
  const server = await backend.peer(0);
  await server.until(() => got(server).some(({ type, flags }) => type === data && (flags & endStream) !== 0));
  t.like((await sidecar.logged(1))[0], { status: 101, flags: undefined });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('no endpoint that has not offered tunnels is sent one, and none before it has said so', async (t) => {
  const backend = await startRaw(t, (peer, id) => peer.write(frame(headers, endHeaders, id, okBlock)));
  const { sidecar, port } = await routeTo(t, 'http2', backend.port, { limits: { progressTimeoutMs: 500 } });
  const session = await connectTunnels(t, port);
  const { ':status': status = 0 } = await answerOf(openTunnel(session));
  t.true(status >= 500);
  for (const peer of backend.peers)
    if (peer.text.startsWith('PRI')) t.false(got(peer).some(({ type }) => type === headers));
  session.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [title, bytes] of [
  ['2', frame(settings, 0, 0, setting(8, 2))],
  ['0 behind 1', Buffer.concat([frame(settings, 0, 0, setting(8, 1)), frame(settings, 0, 0, setting(8, 0))])],
] as const)
  test(`SETTINGS_ENABLE_CONNECT_PROTOCOL of ${title} ends a connection, from either side`, async (t) => {
    const backend = await startRaw(t, () => undefined, bytes);
    const sidecar = setUp(t);
    const port = await sidecar.straight(backend.port);
    const session = await connectTunnels(t, port);
    const opened = openTunnel(session);
    const server = await backend.peer(0);
    await server.until(() => got(server).some(({ type }) => type === goaway));
    t.true([502, 503].includes((await answerOf(opened))[':status'] ?? 0));
    const client = await connectRaw(t, port);
    client.write(bytes);
    t.is(codeOf(await seesFrame(client, ({ type }) => type === goaway)), 'PROTOCOL_ERROR');
    client.end();
    session.destroy();
    t.deepEqual(await sidecar.leftovers(), []);
  });

// What a client of HTTP/1.1 sends waits in the kernel.
for (const way of ways.filter((one) => one !== 'h1 to h2'))
  test.serial(`${way}: what waits in a tunnel counts, and one that holds too much is ended with OM`, async (t) => {
    const { client, server, sidecar, close } = await tunnel(t, way);
    server.pause();
    client.write(Buffer.alloc(30_000_000, 'x'));
    const held = (): number => [...sidecar.engine.connections].reduce((sum, { served }) => sum + served.held, 0);
    for (let turn = 0; turn < 3000 && held() < 60_000; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
    t.true(held() >= 60_000, `${held()} are held`);
    t.teardown(limitHeld(sidecar.engine.connections, 50_000, pino({ enabled: false })));
    t.teardown(() => void (pressure.isHigh = false));
    noteHeld(1_048_576);
    t.like((await sidecar.logged(1))[0], { status: 101, flags: 'OM' });
    close();
    server.resume();
    t.deepEqual(await sidecar.leftovers(), []);
  });

test('a client that goes takes its tunnels with it, and an endpoint those that it has', async (t) => {
  const backend = await startHttp1Tunnels(t);
  const { sidecar, port } = await routeTo(t, 'http1', backend.port);
  const peer = await connectRaw(t, port);
  for (const id of [1, 3]) peer.write(frame(headers, endHeaders, id, block('websocket')));
  for (const id of [1, 3]) await seesFrame(peer, ({ type, id: of }) => type === headers && of === id);
  for (const { served } of sidecar.engine.connections) t.is(typeof served.passedMs, 'number');
  backend.peers[0]?.reset();
  t.is(codeOf(await seesFrame(peer, ({ type }) => type === rstStream)), 'CANCEL');
  t.is(framesOf(peer).filter(({ type }) => type === rstStream).length, 1);
  peer.reset();
  t.is(await (await backend.peer(1)).over(), 'reset');
  const lines = await sidecar.logged(2);
  t.deepEqual(
    lines.map(({ flags }) => flags),
    ['UC', 'DC'],
  );
  t.deepEqual(await sidecar.leftovers(), []);
});

/** A rule that tells its endpoint which one it was. */
const rule = (index: number, parts: Parameters<typeof matchSample>[0]): Rule => ({
  index,
  matches: [matchSample(parts)],
  filters: [{ type: 'RequestHeaderModifier', set: [{ name: 'Rule', value: `${index}` }], add: [], remove: [] }],
  backends: [backendSample({ target: { type: 'Endpoints', endpoints: 'shop/cart:80', protocol: 'http1' } })],
});

test('routes see the request as one of HTTP/1.1: a GET with Upgrade', async (t) => {
  const backend = await startHttp1Tunnels(t, (accept) => switchTo(accept));
  const sidecar = setUp(t);
  const upgrade = { type: 'Exact', name: 'upgrade', value: 'websocket' } as const;
  const rules = [rule(0, { method: 'CONNECT' }), rule(1, { method: 'GET', headers: [upgrade] }), rule(2, {})];
  sidecar.apply(
    routingSample({ routes: [routeSample([], { rules })] }),
    endpointsOf('cart', readyEndpoint(backend.port)),
  );
  const session = await connectTunnels(t, await sidecar.service());
  t.like(await answerOf(openTunnel(session)), { ':status': 200 });
  t.like(await answerOf(openTunnel(session, { ...asks, ':protocol': 'chat' })), { ':status': 502 });
  t.regex(backend.peers[0]?.text ?? '', /^GET [^]*\r\nRule: 1\r\n/);
  t.regex(backend.peers[1]?.text ?? '', /^GET [^]*\r\nUpgrade: chat\r\nRule: 2\r\n/);
  t.notRegex(backend.peers[1]?.text ?? '', /sec-websocket-key/i);
  session.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a flood of tunnels that are reset at once ends its connection', async (t) => {
  const backend = await startHttp1Tunnels(t);
  const { sidecar, port } = await routeTo(t, 'http1', backend.port);
  const peer = await connectRaw(t, port);
  peer.write(emptySettings);
  peer.write(
    Buffer.concat(
      Array.from({ length: 3000 }, (_, at) =>
        Buffer.concat([
          frame(headers, endHeaders, 2 * at + 1, block('websocket')),
          frame(rstStream, 0, 2 * at + 1, [0, 0, 0, 8]),
        ]),
      ),
    ),
  );
  t.is(codeOf(await seesFrame(peer, ({ type }) => type === goaway)), 'ENHANCE_YOUR_CALM');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
