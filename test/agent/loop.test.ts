import test from 'ava';
import { runLoop } from '../../agent/loop.ts';
import type { Service } from '../../agent/objects/types.ts';
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
  };
}

const applied = (name: string): SourceEvent => ({ type: 'applied', object: makeService(name) });

/** Yields each event after so many milliseconds, and ends when the last one has settled. */
async function* play(script: readonly (readonly [waitMs: number, event: SourceEvent])[]): AsyncGenerator<SourceEvent> {
  for (const [waitMs, event] of script) {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    yield event;
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}

/** The names of all Services each time that objects were handed on. */
async function run(options: Partial<Parameters<typeof runLoop>[0]>): Promise<readonly string[]> {
  const seen: string[] = [];
  await runLoop({
    sources: [],
    ...options,
    onObjects: (objects) => void seen.push(objects.Service.map(({ meta }) => meta.name).join('')),
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
  const seen = await run({ sources: [source], holdOffMs: 30, maximumHoldMs: 50 });
  t.true(seen.length > 2, seen.join(' '));
  t.is(seen.at(-1), 'zabcdefghij');
});

test('whether all sources are complete is handed on, also when nothing else changes', async (t) => {
  const seen: boolean[] = [];
  const first = play([
    [0, { type: 'completeness', complete: false }],
    [0, { type: 'listed' }],
    [40, { type: 'completeness', complete: true }],
  ]);
  const second = play([
    [0, { type: 'listed' }],
    [80, { type: 'completeness', complete: false }],
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
