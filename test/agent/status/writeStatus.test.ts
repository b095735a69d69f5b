import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Registry } from 'prom-client';
import { type ObservedStatus, ObservedStatuses } from '../../../agent/cluster/observedStatus.ts';
import { registerStatusMetrics } from '../../../agent/status/statusMetrics.ts';
import { StatusWriter } from '../../../agent/status/writeStatus.ts';
import type { Change } from '../../../agent/translate/derived.ts';
import type { RouteStatus } from '../../../agent/translate/result.ts';
import { createLog } from '../../../runtime/log.ts';
import { type Answer, failure, json, startScripted } from '../../kubernetes/scripted.ts';

// The API server is scripted: what a good one never does must not stop the writer either.

function desired(name: string, given: { uid?: string; message?: string } = {}): RouteStatus {
  const { uid = 'u1', message = 'fine' } = given;
  const common = { status: true, message, observedGeneration: 1 };
  return {
    kind: 'HTTPRoute',
    namespace: 'shop',
    name,
    uid,
    parents: [
      {
        parentRef: {
          group: '',
          kind: 'Service',
          namespace: undefined,
          name: 'web',
          port: undefined,
          sectionName: undefined,
        },
        conditions: [
          { type: 'Accepted', reason: 'Accepted', ...common },
          { type: 'ResolvedRefs', reason: 'ResolvedRefs', ...common },
        ],
      },
    ],
  };
}

/** As the translation tells of them. */
function asChanges(statuses: readonly RouteStatus[]): readonly Change<RouteStatus>[] {
  return statuses.map((after) => ({ key: `HTTPRoute ${after.namespace}/${after.name}`, before: undefined, after }));
}

function status(given: Partial<ObservedStatus> = {}): ObservedStatus {
  return { uid: 'u1', resourceVersion: '1', generation: 1, parents: [], ...given };
}

/** Takes the write, as an API server would: the status is what was sent. */
const accept: Answer = ({ body }, response, request) => {
  const { status: written } = JSON.parse(body === '' ? '{}' : body) as { status?: unknown };
  void json(200, { metadata: { uid: 'u1', resourceVersion: '99', generation: 1 }, status: written })(
    { method: 'PATCH', url: new URL('http://x/'), token: undefined, body },
    response,
    request,
  );
};

async function setUp(t: ExecutionContext, answers: readonly Answer[], concurrency = 10) {
  const { api, got } = await startScripted(t, answers);
  const lines: string[] = [];
  const log = createLog('agent', 'info', { write: (line) => lines.push(line), writeAscii() {}, flushSync() {} });
  const observed = new ObservedStatuses();
  const registry = new Registry();
  const metrics = registerStatusMetrics(registry, () => writer.pending);
  const state = { leading: true };
  const limits = { concurrency, perSecond: 1000, burst: 100 };
  const writer: StatusWriter = new StatusWriter({ api, log, observed, metrics, isLeader: () => state.leading, limits });
  t.teardown(() => writer.close());
  const counted = async (outcome: string): Promise<number> => {
    const line = (await registry.metrics()).split('\n').find((text) => text.includes(`outcome="${outcome}"`));
    return Number(line?.split(' ')[1]);
  };
  return { writer, observed, got, lines, state, counted };
}

async function until(good: () => boolean | Promise<boolean>): Promise<void> {
  const start = performance.now();
  while (!(await good())) {
    if (performance.now() - start > 30_000) throw new Error('not within 30 s');
    await sleep(10);
  }
}

test('a status is written once, with the version it was compared with, also when the watch lags behind', async (t) => {
  const { writer, observed, got, counted } = await setUp(t, [accept]);
  observed.observe('HTTPRoute shop/cart', status());
  writer.desire(asChanges([desired('cart')]));
  await sleep(50);
  t.is(got.length, 0, 'nothing before it leads');
  writer.start();
  await until(async () => (await counted('written')) === 1);
  // The watch tells of an older version, then of the one written.
  observed.observe('HTTPRoute shop/cart', status({ resourceVersion: '2' }));
  writer.desire(asChanges([desired('cart')]));
  await sleep(100);
  t.is(got.length, 1);
  t.like(JSON.parse(got[0]?.body ?? ''), { metadata: { resourceVersion: '1' } });
  t.is(got[0]?.url.pathname, '/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/cart/status');
});

test('what waits is coalesced: only the latest is written', async (t) => {
  const { promise: slow, resolve: release } = Promise.withResolvers<void>();
  const { writer, observed, got, counted } = await setUp(
    t,
    [
      async (...args) => {
        await slow;
        await accept(...args);
      },
      accept,
    ],
    1,
  );
  observed.observe('HTTPRoute shop/cart', status());
  observed.observe('HTTPRoute shop/other', status());
  writer.desire(asChanges([desired('cart'), desired('other')]));
  writer.start();
  await until(() => got.length === 1);
  for (let turn = 0; turn <= 20; turn += 1)
    writer.desire(asChanges([desired('cart'), desired('other', { message: `turn ${turn}` })]));
  release();
  await until(async () => (await counted('written')) === 2);
  await sleep(50);
  t.is(got.length, 2);
  t.regex(got[1]?.body ?? '', /turn 20/);
});

test('one status that changes alone does not wait behind very many that changed together', async (t) => {
  const { writer, observed, got, counted } = await setUp(t, [accept], 1);
  const names = Array.from({ length: 60 }, (_, index) => `many-${index}`);
  for (const name of [...names, 'cart']) observed.observe(`HTTPRoute shop/${name}`, status());
  const many = names.map((name) => desired(name));
  writer.start();
  writer.desire(asChanges(many));
  await until(() => got.length >= 3);
  const mark = got.length;
  writer.desire(asChanges([desired('cart')]));
  await until(async () => (await counted('written')) === 61);
  const place = got.findIndex(({ url }) => url.pathname.endsWith('/cart/status'));
  t.true(place - mark <= 3, `${place - mark} others first`);
});

test('a conflict is answered with the newer version', async (t) => {
  const foreign = { controllerName: 'example.com/x', parentRef: { name: 'x' }, conditions: [] };
  const newer = { metadata: { uid: 'u1', resourceVersion: '5', generation: 1 }, status: { parents: [foreign] } };
  const { writer, observed, got, counted } = await setUp(t, [failure(409, 'Conflict'), json(200, newer), accept]);
  observed.observe('HTTPRoute shop/cart', status());
  writer.desire(asChanges([desired('cart')]));
  writer.start();
  await until(async () => (await counted('written')) === 1);
  t.deepEqual(
    got.map(({ method }) => method),
    ['PATCH', 'GET', 'PATCH'],
  );
  t.like(JSON.parse(got[2]?.body ?? ''), { metadata: { resourceVersion: '5' }, status: { parents: [foreign] } });
  t.is(await counted('conflict'), 1);
});

test('a route that is gone is let go', async (t) => {
  const { writer, observed, got, counted } = await setUp(t, [failure(404, 'NotFound')]);
  observed.observe('HTTPRoute shop/cart', status());
  writer.desire(asChanges([desired('cart')]));
  writer.start();
  await until(async () => (await counted('gone')) === 1);
  await sleep(150);
  t.is(got.length, 1);
  t.is(writer.pending, 0);
});

test('what the API server refuses is said once and not tried again until something changes', async (t) => {
  const { writer, observed, got, lines } = await setUp(t, [failure(422, 'Invalid', 'status.parents: odd')]);
  observed.observe('HTTPRoute shop/cart', status());
  writer.desire(asChanges([desired('cart')]));
  writer.start();
  await until(() => lines.some((line) => line.includes('refuses')));
  await sleep(150);
  t.is(got.length, 1);
  writer.desire(asChanges([desired('cart', { message: 'new' })]));
  await until(() => got.length === 2);
  await sleep(50);
  const told = lines.filter((line) => line.includes('refuses'));
  t.is(told.length, 1);
  t.regex(told[0] ?? '', /status\.parents: odd/);
});

for (const [title, answer] of [
  ['answers 500', failure(500, 'InternalError')],
  ['answers 503', failure(503, 'ServiceUnavailable')],
  ['answers 403', failure(403, 'Forbidden')],
  ['cuts the connection off', (_, response) => void response.destroy()],
  ['answers what is no JSON', (_, response) => void response.writeHead(200).end('<html>')],
] as const satisfies readonly (readonly [string, Answer])[]) {
  test(`an API server that ${title} is asked again, ever later`, async (t) => {
    const { writer, observed, counted } = await setUp(t, [answer, answer, answer, accept]);
    observed.observe('HTTPRoute shop/cart', status());
    writer.desire(asChanges([desired('cart')]));
    writer.start();
    await until(async () => (await counted('written')) === 1);
    t.true((await counted('failed')) >= 1);
  });
}

test("a route made anew does not get its predecessor's status", async (t) => {
  const { writer, observed, got, counted } = await setUp(t, [accept]);
  observed.observe('HTTPRoute shop/cart', status({ uid: 'u2' }));
  writer.desire(asChanges([desired('cart')]));
  writer.start();
  await sleep(100);
  t.is(got.length, 0);
  writer.desire(asChanges([desired('cart', { uid: 'u2' })]));
  await until(async () => (await counted('written')) === 1);
});

test('the queue is dropped when leading ends, and all is compared when it begins again', async (t) => {
  const { writer, observed, got, state } = await setUp(t, [() => {}, accept], 1);
  const names = ['a', 'b', 'c'];
  for (const name of names) observed.observe(`HTTPRoute shop/${name}`, status());
  writer.desire(asChanges(names.map((name) => desired(name))));
  writer.start();
  await until(() => got.length === 1);
  await writer.stop();
  t.is(writer.pending, 0);
  await sleep(100);
  t.is(got.length, 1);
  // In doubt about the Lease nothing is sent either.
  state.leading = false;
  writer.start();
  await sleep(100);
  t.is(got.length, 1);
  state.leading = true;
  await until(() => got.length === 4);
});
