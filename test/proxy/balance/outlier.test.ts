import test, { type ExecutionContext } from 'ava';
import { EndpointGroup } from '../../../proxy/balance/group.ts';
import { Outlier } from '../../../proxy/balance/outlier.ts';
import { pick } from '../../../proxy/balance/pick.ts';
import { Measure } from '../../../proxy/balance/measure.ts';
import type { UpstreamEndpoint } from '../../../proxy/upstream/endpoint.ts';
import { UpstreamRegistry } from '../../../proxy/upstream/registry.ts';
import { connectionsByProtocol } from '../../../proxy/serve/connectionsByProtocol.ts';
import { clock } from '../../../proxy/socket/clock.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';
import { seededRandom } from '../random.ts';

const middle = (): number => 0.5;

function outlier(random = middle): Outlier {
  const made = new Outlier(random, () => undefined);
  made.counts = true;
  return made;
}

function failTimes(one: Outlier, times: number, nowMs: number): void {
  for (let time = 0; time < times; time++) one.bad(nowMs);
}

test('five failures without an answer between them eject it, for ten seconds', (t) => {
  const one = outlier();
  failTimes(one, 4, 1000);
  one.good(900, 1000);
  failTimes(one, 4, 1000);
  t.is(one.state, 'In');
  one.bad(1000);
  t.like(one, { state: 'Ejected', untilMs: 11_000, failures: 5 });
});

test('each failed trial doubles the time, up to a minute', (t) => {
  const one = outlier();
  failTimes(one, 5, 0);
  const times = [one.untilMs];
  for (let trial = 0; trial < 4; trial++) {
    const nowMs = one.untilMs;
    one.admit();
    t.is(one.state, 'Probation');
    one.bad(nowMs);
    times.push(one.untilMs - nowMs);
  }
  t.deepEqual(times, [10_000, 20_000, 40_000, 60_000, 60_000]);
});

test('the time is spread, so that all clients do not come back together', (t) => {
  const random = seededRandom(1);
  const times = Array.from({ length: 200 }, () => {
    const one = outlier(random);
    failTimes(one, 5, 0);
    return one.untilMs;
  });
  t.true(Math.min(...times) >= 8000 && Math.min(...times) < 8200);
  t.true(Math.max(...times) <= 12_000 && Math.max(...times) > 11_800);
});

test('an answer on trial brings it back; what was asked before it was ejected proves nothing', (t) => {
  const one = outlier();
  failTimes(one, 5, 1000);
  one.good(999, 1500);
  t.is(one.state, 'Ejected');
  one.admit();
  one.good(11_000, 11_010);
  t.is(one.state, 'In');
  failTimes(one, 5, 12_000);
  t.is(one.untilMs, 32_000);
  one.admit();
  one.good(40_000, 40_000);
  failTimes(one, 5, 400_000);
  t.is(one.untilMs, 410_000);
});

test('who was used although it is ejected, since all fail, is back with its first answer', (t) => {
  const one = outlier();
  failTimes(one, 5, 1000);
  one.good(1001, 1020);
  t.is(one.state, 'In');
});

test('one that is no part of a group is not judged', (t) => {
  const one = new Outlier(middle, () => t.fail());
  failTimes(one, 50, 0);
  t.is(one.state, 'In');
});

function loadOf(state: Outlier['state'], outstanding: number) {
  return {
    outstanding,
    outlier: { state },
    newMs: Number.NEGATIVE_INFINITY,
    slowStartMs: 0,
    measure: new Measure(),
  };
}

test('one on trial is asked at once, and no second time before it has answered', (t) => {
  const idle = loadOf('Probation', 0);
  const asked = loadOf('Probation', 1);
  const good = loadOf('In', 100);
  const random = seededRandom(3);
  for (let draw = 0; draw < 50; draw++) {
    t.is(pick([idle, good], 0, random), idle);
    t.is(pick([asked, good], 0, random), good);
  }
});

/** A group of so many endpoints, and what was told of those that it leaves out. */
function makeGroup(count: number) {
  const told: string[] = [];
  const limits = { maxConnections: 1, maxWaiting: 1, connectTimeoutMs: 1, idleTimeoutMs: 1 };
  const registry = new UpstreamRegistry(connectionsByProtocol(limits), undefined, (group, { endpoint }, isLeftOut) =>
    told.push(`${group} ${isLeftOut ? 'without' : 'with'} ${endpoint.port}`),
  );
  const group = new EndpointGroup<UpstreamEndpoint>('shop/cart:80', registry);
  const members = Array.from({ length: count }, (_, at) => readyEndpoint(at + 1));
  group.update(endpointsOf('cart', ...members));
  const eject = (at: number): void => {
    for (let time = 0; time < 5; time++)
      group
        .candidates(4)
        .find(({ endpoint }) => endpoint.port === at)
        ?.onFault();
  };
  const ports = (): readonly number[] => group.candidates(4).map(({ endpoint }) => endpoint.port);
  return { group, told, eject, ports, members };
}

test('an ejected endpoint is left out, and another list of endpoints does not let it in', (t) => {
  const { group, told, eject, ports, members } = makeGroup(5);
  eject(2);
  t.deepEqual(ports(), [1, 3, 4, 5]);
  group.update(endpointsOf('cart', ...members, readyEndpoint(6)));
  t.deepEqual(ports(), [1, 3, 4, 5, 6]);
  t.deepEqual(told, ['shop/cart:80 without 2']);
  group.close();
});

test('the last one is never left out, nor more than half', (t) => {
  const { eject, ports, told, group } = makeGroup(2);
  eject(1);
  t.deepEqual(ports(), [2]);
  eject(2);
  t.deepEqual(ports(), [1, 2]);
  t.deepEqual(told, ['shop/cart:80 without 1', 'shop/cart:80 with 1']);
  group.close();
  const alone = makeGroup(1);
  alone.eject(1);
  t.deepEqual(alone.ports(), [1]);
  t.deepEqual(alone.told, []);
  alone.group.close();
});

test('a new endpoint gets a tenth of its share at first, and all of it after ten seconds; those of a first list at once', (t) => {
  const { group, members } = makeGroup(2);
  t.true(group.candidates(4).every(({ newMs }) => newMs === Number.NEGATIVE_INFINITY));
  group.update(endpointsOf('cart', ...members, readyEndpoint(3)));
  const random = seededRandom(9);
  const shareAt = (ageMs: number): number => {
    let got = 0;
    for (let draw = 0; draw < 3000; draw++)
      if (pick(group.candidates(4), clock.ms + ageMs, random)?.endpoint.port === 3) got++;
    return got / 3000;
  };
  // Of a third, which it would get where all cost the same, and of two thirds where it wins each draw.
  t.true(shareAt(0) < 0.1, `${shareAt(0)}`);
  const half = shareAt(5000);
  const whole = shareAt(10_000);
  t.true(half > shareAt(0) && half < whole, `${half} of ${whole}`);
  group.close();
});

const failing = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n';

/** How many of a thousand requests, eight at a time, an endpoint got that is one of five. */
async function askFive(t: ExecutionContext, serve: (peer: Peer) => void, giveUpMs: number): Promise<number> {
  const good = await Promise.all(Array.from({ length: 4 }, () => startOkBackend(t)));
  const bad = await startBackend(t, serve);
  const sidecar = setUp(t);
  sidecar.apply(
    routingSample({ protocol: 'http1' }),
    endpointsOf('cart', ...[bad, ...good].map(({ port }) => readyEndpoint(port))),
  );
  const port = await sidecar.service();
  const askAll = async (): Promise<void> => {
    let peer = await connect(port);
    for (let turn = 0; turn < 125; turn++) {
      peer.text = '';
      peer.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
      const timer = setTimeout(() => peer.socket.destroy(), giveUpMs);
      await peer.until(({ text, closed }) => closed || /\r\n\r\n(?:ok)?$/.test(text));
      clearTimeout(timer);
      if (peer.closed) peer = await connect(port);
    }
    peer.socket.destroy();
  };
  await Promise.all(Array.from({ length: 8 }, askAll));
  await sidecar.logged(1000);
  return sidecar.entries.filter(({ endpoint }) => endpoint === `127.0.0.1:${bad.port}`).length;
}

test('of a thousand requests to five endpoints, one that only fails gets five at most, and those that ran beside them', async (t) => {
  const got = await askFive(t, (peer) => peer.socket.on('data', () => peer.write(failing)), 60_000);
  t.true(got >= 1 && got <= 12, `${got} of 1000`);
});

test('and one that hangs no more', async (t) => {
  const got = await askFive(t, () => undefined, 500);
  t.true(got >= 1 && got <= 16, `${got} of 1000`);
});
