import test, { type ExecutionContext } from 'ava';
import { Measure } from '../../../proxy/balance/measure.ts';
import { type Load, pick } from '../../../proxy/balance/pick.ts';
import { startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';
import { seededRandom } from '../random.ts';
import { unsuspected } from './unsuspected.ts';

/** How an endpoint takes one request: after so long it answers, fails, or breaks; `silent` ends when the client gives up. */
type Turn = { readonly ms: number; readonly ends: 'answered' | 'failed' | 'broken' | 'silent' };
type Behaviour = (nowMs: number, random: () => number) => Turn;

const good: Behaviour = () => ({ ms: 20, ends: 'answered' });
const quick: Behaviour = () => ({ ms: 1, ends: 'answered' });
const failsAtOnce: Behaviour = () => ({ ms: 0.2, ends: 'failed' });
const breaksAtOnce: Behaviour = () => ({ ms: 0.2, ends: 'broken' });
const hangs: Behaviour = () => ({ ms: 500, ends: 'silent' });
const failsNowAndThen =
  (share: number): Behaviour =>
  (_, random) => ({ ms: 20 * (0.5 + random()), ends: random() < share ? 'failed' : 'answered' });
const failsUntil =
  (untilMs: number): Behaviour =>
  (nowMs) =>
    nowMs < untilMs ? { ms: 0.2, ends: 'failed' } : { ms: 20, ends: 'answered' };

/** Clients that each ask again as soon as they may, for `seconds`: the share of requests that each endpoint got after `fromMs`. */
function simulate(clients: number, seconds: number, behaviours: readonly Behaviour[], fromMs = 0): readonly number[] {
  const random = seededRandom(11);
  const endpoints = behaviours.map((behaviour) => ({
    outstanding: 0,
    measure: new Measure(),
    outlier: unsuspected.outlier,
    newMs: unsuspected.newMs,
    slowStartMs: unsuspected.slowStartMs,
    behaviour,
    asked: 0,
  }));
  type Event = { readonly atMs: number; readonly run: () => void };
  const events: Event[] = [];
  const ask = (nowMs: number): void => {
    const endpoint = pick(endpoints, nowMs, random);
    if (endpoint === undefined) return;
    if (endpoint.outstanding++ === 0) endpoint.measure.wake(nowMs);
    if (nowMs >= fromMs) endpoint.asked++;
    const { ms, ends } = endpoint.behaviour(nowMs, random);
    const atMs = nowMs + ms;
    const run = (): void => {
      const { measure } = endpoint;
      if (ends === 'answered') measure.answered(ms, atMs);
      else if (ends === 'failed') measure.failed(ms, atMs);
      else if (ends === 'silent') measure.unanswered(ms, atMs);
      else measure.fault(atMs);
      endpoint.outstanding--;
      ask(atMs + 2);
    };
    events.push({ atMs, run });
  };
  for (let client = 0; client < clients; client++) ask(client);
  for (;;) {
    events.sort((one, other) => other.atMs - one.atMs);
    const next = events.pop();
    if (next === undefined || next.atMs > seconds * 1000) break;
    next.run();
  }
  const all = endpoints.reduce((sum, { asked }) => sum + asked, 0);
  return endpoints.map(({ asked }) => asked / all);
}

const cases: readonly (readonly [string, readonly number[], readonly [number, number]])[] = [
  ['one that fails at once gets next to nothing', simulate(4, 30, [good, failsAtOnce]), [0, 0.05]],
  ['nor while many ask', simulate(100, 10, [good, failsAtOnce]), [0, 0.25]],
  ['nor beside two good ones', simulate(8, 30, [good, good, failsAtOnce]), [0, 0.05]],
  ['nor beside quick ones', simulate(4, 30, [quick, failsAtOnce]), [0, 0.02]],
  ['one that breaks every connection gets next to nothing', simulate(4, 30, [good, breaksAtOnce]), [0, 0.05]],
  ['one that hangs gets next to nothing', simulate(1, 30, [good, hangs]), [0, 0.05]],
  ['nor beside quick ones, while many ask', simulate(50, 30, [quick, hangs]), [0, 0.05]],
  ['one that fails half the time gets much less', simulate(4, 30, [good, failsNowAndThen(0.5)]), [0.01, 0.3]],
  ['of two that both fail each gets its share', simulate(4, 30, [failsAtOnce, failsAtOnce]), [0.3, 0.7]],
  [
    'of two that fail now and then each gets its share',
    simulate(10, 60, [failsNowAndThen(0.05), failsNowAndThen(0.05)]),
    [0.3, 0.7],
  ],
  ['one that works again gets its share again', simulate(4, 60, [good, failsUntil(20_000)], 40_000), [0.35, 0.6]],
];
for (const [title, shares, [least, most]] of cases) {
  test(title, (t) => {
    const last = shares.at(-1) ?? -1;
    t.true(last >= least && last <= most, `${last} of the requests`);
  });
}

test('a failure never makes an endpoint cheaper', (t) => {
  const random = seededRandom(3);
  for (let round = 0; round < 2000; round++) {
    const measure = new Measure();
    let nowMs = 1000 * random();
    const before: Load = { measure, outstanding: 1, ...unsuspected };
    for (let step = 0; step < 10; step++) {
      nowMs += 3000 * random();
      if (random() < 0.5) measure.answered(300 * random(), nowMs);
      else {
        const cost = before.measure.cost(nowMs, 1);
        const worse = [
          () => measure.failed(300 * random(), nowMs),
          () => measure.fault(nowMs),
          () => measure.unanswered(300 * random(), nowMs),
        ];
        worse[Math.floor(random() * 3)]?.();
        t.true(measure.cost(nowMs, 1) >= cost - 1e-9);
      }
    }
  }
});

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';

function answer(peer: Peer): void {
  peer.socket.on('data', () => setTimeout(() => peer.write(ok), 5));
  peer.socket.on('end', () => peer.end());
}

/** Two endpoints, of which the second serves as told. */
async function twoEndpoints(t: ExecutionContext, serve: (peer: Peer) => void) {
  const one = await startBackend(t, answer);
  const other = await startBackend(t, serve);
  const sidecar = setUp(t, { random: seededRandom(5) });
  sidecar.apply(
    routingSample({ protocol: 'http1' }),
    endpointsOf('cart', readyEndpoint(one.port), readyEndpoint(other.port)),
  );
  return { sidecar, broken: `127.0.0.1:${other.port}` };
}

function gotBy(sidecar: Sidecar, endpoint: string): number {
  return sidecar.entries.filter((entry) => entry['endpoint'] === endpoint).length;
}

test('a pod that answers 500 at once does not get more than its share', async (t) => {
  const refuse = 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n';
  const { sidecar, broken } = await twoEndpoints(t, (peer) => peer.socket.on('data', () => peer.write(refuse)));
  const peer = await connect(await sidecar.service());
  for (let turn = 1; turn <= 60; turn++) {
    peer.write(get);
    await peer.until(({ text }) => text.split('HTTP/1.1 ').length === turn + 1);
  }
  const got = gotBy(sidecar, broken);
  t.true(got >= 1 && got <= 6, `${got} of 60`);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a pod that hangs is found out by the clients that gave up', async (t) => {
  const { sidecar, broken } = await twoEndpoints(t, () => undefined);
  const port = await sidecar.service();
  for (let turn = 0; turn < 20; turn++) {
    const peer = await connect(port);
    peer.write(get);
    const timer = setTimeout(() => peer.socket.destroy(), 300);
    await Promise.race([peer.sees('ok'), peer.over()]);
    clearTimeout(timer);
    peer.socket.destroy();
    await sidecar.logged(turn + 1);
  }
  const got = gotBy(sidecar, broken);
  t.true(got >= 1 && got <= 4, `${got} of 20`);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that is slow with its body says nothing of the endpoint', async (t) => {
  const silent = await startBackend(t, () => undefined);
  const sidecar = setUp(t);
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(silent.port)));
  const peer = await connect(await sidecar.service());
  peer.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc');
  await sidecar.outstanding(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  peer.socket.destroy();
  await sidecar.logged(1);
  const costs = [...sidecar.registry.given].map(({ measure }) => measure.cost(performance.now(), 1));
  t.true(
    costs.every((cost) => cost < 50),
    costs.join(),
  );
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a server that closes on every tunnel without a word is avoided', async (t) => {
  const { sidecar, broken } = await twoEndpoints(t, (peer) => peer.reset());
  sidecar.apply(routingSample({ protocol: 'opaque' }));
  const port = await sidecar.service();
  for (let turn = 0; turn < 20; turn++) {
    const peer = await connect(port);
    peer.write('hello');
    await Promise.race([peer.sees('ok'), peer.over()]);
    peer.end();
    await sidecar.logged(turn + 1);
  }
  const got = gotBy(sidecar, broken);
  t.true(got >= 1 && got <= 4, `${got} of 20`);
});
