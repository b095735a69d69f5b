import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { runLoop } from '../../agent/loop.ts';
import type { HTTPRoute, Meta, Service } from '../../agent/objects/types.ts';
import type { SourceEvent } from '../../agent/source.ts';

function makeService(name: string): Service {
  const meta = { namespace: 'default', name, uid: undefined, generation: 0, createdAtMs: 0 };
  return {
    kind: 'Service',
    meta,
    type: 'ClusterIP',
    clusterIPs: [],
    headless: false,
    ports: [],
    opaquePorts: undefined,
    annotations: undefined,
    isLocal: false,
    sessionAffinityMs: undefined,
    publishNotReadyAddresses: false,
    trafficDistribution: undefined,
  };
}

const applied = (name: string): SourceEvent => ({ type: 'applied', object: makeService(name) });

/** A new version of a route of a Service, perhaps with a backend in a namespace. */
function routed(name: string, parent: string, backendNamespace?: string): SourceEvent {
  const meta = { namespace: 'default', name, uid: undefined, generation: 0, createdAtMs: 0 };
  const service = { group: '', kind: 'Service', name: parent, port: undefined };
  const parentRefs = [{ ...service, namespace: undefined, sectionName: undefined }];
  const backendRefs = [{ ...service, namespace: backendNamespace, weight: 1, filters: [], unknownFields: [] }];
  const rest = { timeouts: undefined, retry: undefined, sessionPersistence: false, unknownFields: [] };
  const rules = [{ name: undefined, matches: [], filters: [], backendRefs, ...rest }];
  const object: HTTPRoute = { kind: 'HTTPRoute', meta, parentRefs, hostnames: [], rules, unknownFields: [] };
  return { type: 'applied', object };
}

/** The names of objects, in the order in which they came. */
function namesOf(objects: ReadonlyMap<string, { readonly meta: Meta }>): string {
  return Array.from(objects.values(), ({ meta }) => meta.name).join('');
}

/** Milliseconds, or what is waited for. */
type Wait = number | (() => Promise<void>);

/** Yields each event after its wait, and ends when the last one has settled. */
async function* play(
  script: readonly (readonly [wait: Wait, event: SourceEvent])[],
  settleMs = 1000,
): AsyncGenerator<SourceEvent> {
  for (const [wait, event] of script) {
    if (typeof wait === 'function') await wait();
    else if (wait > 0) await sleep(wait);
    yield event;
  }
  await sleep(settleMs);
}

/** Waits until objects were handed on so often, then so long: a machine that stands still moves both. */
function after(seen: readonly unknown[], times: number, ms: number): () => Promise<void> {
  return async () => {
    for (let turn = 0; turn < 6000 && seen.length < times; turn += 1) await sleep(5);
    await sleep(ms);
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The names of all Services each time that objects were handed on. */
async function run(options: Partial<Parameters<typeof runLoop>[0]>): Promise<readonly string[]> {
  const seen: string[] = [];
  await runLoop({
    sources: [],
    ...options,
    onObjects: (objects) => void seen.push(namesOf(objects.Service)),
  });
  return seen;
}

test('nothing is handed on before every source has listed', async (t) => {
  const first = play([
    [0, applied('a')],
    [0, { type: 'listed' }],
    [0, applied('b')],
  ]);
  const second = play([
    [60, applied('c')],
    [0, { type: 'listed' }],
  ]);
  t.deepEqual(await run({ sources: [first, second] }), ['abc']);
});

test('sources without any object are handed on too', async (t) => {
  t.deepEqual(await run({ sources: [play([[0, { type: 'listed' }]])] }), ['']);
});

test('events that come together are handed on together', async (t) => {
  const source = play([
    [0, { type: 'listed' }],
    [40, applied('a')],
    [0, applied('b')],
    [1, applied('c')],
  ]);
  t.deepEqual(await run({ sources: [source] }), ['', 'abc']);
});

test('events that never pause are handed on after the maximum', async (t) => {
  const steady = Array.from('abcdefghij', (name) => [10, applied(name)] as const);
  const source = play([[0, { type: 'listed' }], [40, applied('z')], ...steady]);
  const seen = await run({ sources: [source], debounceMs: 30, maximumDebounceMs: 50 });
  t.true(seen.length > 2, seen.join(' '));
  t.is(seen.at(-1), 'zabcdefghij');
});

test('whether all sources are complete is handed on, also when nothing else changes', async (t) => {
  const seen: boolean[] = [];
  const first = play([
    [0, { type: 'completeness', complete: false }],
    [0, { type: 'listed' }],
    [after(seen, 1, 40), { type: 'completeness', complete: true }],
  ]);
  const second = play([
    [0, { type: 'listed' }],
    [after(seen, 2, 40), { type: 'completeness', complete: false }],
  ]);
  await runLoop({ sources: [first, second], onObjects: (_objects, { complete }) => void seen.push(complete) });
  t.deepEqual(seen, [false, true, false]);
});

test('an object that is applied again unchanged, or deleted twice, hands on nothing', async (t) => {
  const object = makeService('a');
  const source = play([
    [0, { type: 'applied', object }],
    [0, { type: 'listed' }],
    [30, { type: 'applied', object }],
    [30, { type: 'deleted', object }],
    [30, { type: 'deleted', object }],
  ]);
  t.deepEqual(await run({ sources: [source] }), ['a', '']);
});

/** The names of all routes each time that objects were handed on, and for how long they were held. */
type Seen = { readonly routes: string; readonly events: number; readonly heldMs: number };

async function runRoutes(options: Partial<Parameters<typeof runLoop>[0]>, seen: Seen[] = []): Promise<Seen[]> {
  await runLoop({
    sources: [],
    ...options,
    onObjects(objects, { events, heldMs }) {
      seen.push({ routes: namesOf(objects.HTTPRoute), events, heldMs });
    },
  });
  return seen;
}

test('a route that is changed after a quiet time goes out at once', async (t) => {
  const seen: Seen[] = [];
  const source = play(
    [
      [0, applied('web')],
      [0, { type: 'listed' }],
      [after(seen, 1, 400), routed('a', 'web')],
      [500, applied('other')],
    ],
    100,
  );
  await runRoutes({ sources: [source], debounceMs: 300, maximumDebounceMs: 1000 }, seen);
  t.deepEqual(
    seen.map(({ routes }) => routes),
    ['', 'a'],
  );
  t.true((seen[1]?.heldMs ?? Infinity) < 150, `${seen[1]?.heldMs} ms`);
});

for (const [title, event] of [
  ['that refers to a Service nobody knows', routed('a', 'later')],
  ['with a backend in another namespace', routed('a', 'web', 'elsewhere')],
] as const) {
  test(`a route ${title} waits for what may belong to it`, async (t) => {
    const source = play([
      [0, applied('web')],
      [0, { type: 'listed' }],
      [300, event],
      [20, applied('later')],
      [300, { type: 'listed' }],
    ]);
    const seen = await runRoutes({ sources: [source], debounceMs: 100, maximumDebounceMs: 1000 });
    t.like(seen, { length: 2, 1: { routes: 'a', events: 2 } });
  });
}

test('a route and a removal in one turn wait together', async (t) => {
  const source = play([
    [0, applied('web')],
    [0, { type: 'listed' }],
    [300, routed('a', 'web')],
    [0, { type: 'deleted', object: makeService('web') }],
    [20, applied('web')],
    [300, { type: 'listed' }],
  ]);
  const seen = await runRoutes({ sources: [source], debounceMs: 100, maximumDebounceMs: 1000 });
  t.like(seen, { length: 2, 1: { routes: 'a', events: 3 } });
});

test('of a burst of routes the first goes out at once, the others together', async (t) => {
  const seen: Seen[] = [];
  const first = [after(seen, 1, 400), routed('a', 'web')] as const;
  const second = [after(seen, 2, 0), routed('b', 'web')] as const;
  const others = Array.from('cdefgh', (name) => [nextTurn, routed(name, 'web')] as const);
  const source = play([
    [0, applied('web')],
    [0, { type: 'listed' }],
    first,
    second,
    ...others,
    [400, { type: 'listed' }],
  ]);
  await runRoutes({ sources: [source], debounceMs: 300, maximumDebounceMs: 1000 }, seen);
  t.deepEqual(
    seen.map(({ routes }) => routes),
    ['', 'a', 'abcdefgh'],
  );
});

test('after work that took long it rests, four times as long', async (t) => {
  const times: { readonly start: number; readonly end: number }[] = [];
  async function* steady(): AsyncGenerator<SourceEvent> {
    yield* [applied('web'), { type: 'listed' } as const];
    for (let turn = 0; turn < 6000 && times.length < 4; turn += 1) {
      await sleep(5);
      yield routed('a', 'web');
    }
  }
  await runLoop({
    sources: [steady()],
    onObjects() {
      const start = performance.now();
      while (performance.now() < start + 20);
      times.push({ start, end: performance.now() });
    },
  });
  const rests = times.slice(1).map(({ start }, index) => start - (times[index]?.end ?? 0));
  t.is(rests.length, 3);
  t.true(Math.min(...rests) >= 79, rests.join(' '));
});

test('without a debounce all that comes in one turn goes out together, at its end', async (t) => {
  const source = play([
    [0, { type: 'listed' }],
    [100, applied('web')],
    [0, routed('a', 'later')],
    [0, applied('later')],
    [0, { type: 'deleted', object: makeService('web') }],
  ]);
  const seen = await runRoutes({ sources: [source], debounceMs: 0 });
  t.like(seen, { length: 2, 1: { routes: 'a', events: 4 } });
});
