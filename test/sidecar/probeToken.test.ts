import test, { type ExecutionContext } from 'ava';
import { startOkBackend } from '../proxy/backend.ts';
import { setUp, type SidecarOptions } from '../proxy/harness.ts';
import { ask, connect } from '../proxy/peer.ts';

const probeToken = '0123456789abcdef0123456789abcdef';
const probe = (token = probeToken): string =>
  `GET /ready HTTP/1.1\r\nHost: 10.0.0.7:8080\r\nUser-Agent: kube-probe/1.36\r\nHeddle-Probe: ${token}\r\nAccept: */*\r\n\r\n`;
const page = 'GET /page HTTP/1.1\r\nHost: x\r\n\r\n';

async function start(t: ExecutionContext, options: SidecarOptions = { probeToken }, reply?: string) {
  const backend = await startOkBackend(t, reply);
  return { backend, sidecar: setUp(t, options) };
}

test('a probe with the secret of the pod reaches the application without it, and leaves no line', async (t) => {
  const { backend, sidecar } = await start(t);
  const port = await sidecar.straight(backend.port);
  t.regex(await ask(port, probe()), /^HTTP\/1\.1 200 /);
  t.regex(await ask(port, page), /^HTTP\/1\.1 200 /);
  t.deepEqual(
    (await sidecar.logged(1)).map(({ path }) => path),
    ['/page'],
  );
  t.regex(backend.requests[0]?.head ?? '', /^GET \/ready HTTP\/1\.1\r\n[^]*User-Agent: kube-probe\/1\.36\r\n/);
  t.false(backend.requests.some(({ head }) => /heddle-probe/i.test(head)));
  t.deepEqual(await sidecar.leftovers(), []);
});

test('at debug it is a line at debug', async (t) => {
  const { backend, sidecar } = await start(t, { probeToken, isDebug: () => true });
  await ask(await sidecar.straight(backend.port), probe());
  t.like((await sidecar.logged(1))[0], { level: 'debug', direction: 'inbound', path: '/ready', status: 200 });
});

for (const [status, level] of [
  [302, undefined],
  [404, 'info'],
  [500, 'warn'],
] as const) {
  test(`a probe that is answered ${status} is ${level === undefined ? 'no line' : `a line at ${level}`}`, async (t) => {
    const reply = `HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`;
    const { backend, sidecar } = await start(t, { probeToken }, reply);
    const port = await sidecar.straight(backend.port);
    await ask(port, probe());
    await ask(port, page);
    const lines = await sidecar.logged(level === undefined ? 1 : 2);
    t.is(lines.find(({ path }) => path === '/ready')?.level, level);
    t.is(lines.at(-1)?.['path'], '/page');
  });
}

test('a probe of an application that is gone is a line', async (t) => {
  const { sidecar } = await start(t);
  // No test is ever given this port: nobody listens there.
  const port = await sidecar.straight(1);
  t.regex(await ask(port, probe()), /^HTTP\/1\.1 503 /);
  t.like((await sidecar.logged(1))[0], { level: 'warn', path: '/ready', flags: 'UF' });
});

for (const [who, options, direction, token] of [
  ['a client that only calls itself kube-probe', { probeToken }, 'inbound', ''],
  ['one that guesses', { probeToken }, 'inbound', `${probeToken}0`],
  ['one that sends the secret twice', { probeToken }, 'inbound', `${probeToken}\r\nHeddle-Probe: ${probeToken}`],
  ['an empty secret where the pod has none', {}, 'inbound', ''],
  ["the pod's own request to others", { probeToken }, 'outbound', probeToken],
] as const) {
  test(`${who} is logged as anybody`, async (t) => {
    const { backend, sidecar } = await start(t, options);
    t.regex(await ask(await sidecar.straight(backend.port, direction), probe(token)), /^HTTP\/1\.1 200 /);
    t.like((await sidecar.logged(1))[0], { level: 'info', path: '/ready', status: 200 });
  });
}

test('what follows a probe on its connection is logged', async (t) => {
  const { backend, sidecar } = await start(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(probe());
  await peer.sees('\r\n\r\nok');
  peer.write(page);
  t.deepEqual(
    (await sidecar.logged(1)).map(({ path }) => path),
    ['/page'],
  );
  peer.reset();
});
