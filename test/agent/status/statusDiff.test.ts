import test from 'ava';
import type { ObservedStatus } from '../../../agent/cluster/observedStatus.ts';
import type { ParentRef } from '../../../agent/objects/types.ts';
import { diffParents } from '../../../agent/status/statusDiff.ts';
import type { RouteStatus } from '../../../agent/translate/result.ts';

const now = Date.parse('2026-11-25T14:00:00.999Z');
const nowText = '2026-11-25T14:00:00Z';
const earlier = '2026-01-01T00:00:00Z';
const controllerName = 'heddle.dev/mesh-controller';

function ref(given: Partial<ParentRef> = {}): ParentRef {
  const base = {
    group: '',
    kind: 'Service',
    namespace: undefined,
    name: 'web',
    port: undefined,
    sectionName: undefined,
  };
  return { ...base, ...given };
}

function desired(
  refs: readonly ParentRef[],
  given: { generation?: number; accepted?: boolean; message?: string } = {},
): RouteStatus {
  const { generation: observedGeneration = 2, accepted = true, message = 'fine' } = given;
  return {
    kind: 'HTTPRoute',
    namespace: 'shop',
    name: 'cart',
    uid: 'u',
    parents: refs.map((parentRef) => ({
      parentRef,
      conditions: [
        {
          type: 'Accepted',
          status: accepted,
          reason: accepted ? 'Accepted' : 'NoMatchingParent',
          message,
          observedGeneration,
        },
        { type: 'ResolvedRefs', status: true, reason: 'ResolvedRefs', message, observedGeneration },
      ],
    })),
  };
}

function observed(parents: readonly unknown[], generation = 2): ObservedStatus {
  return { uid: 'u', resourceVersion: '7', generation, parents };
}

/** An entry of ours as it is written. */
function ours(
  parentRef: object,
  given: { time?: string; generation?: number; status?: string; message?: string } = {},
) {
  const {
    time: lastTransitionTime = earlier,
    generation: observedGeneration = 2,
    status = 'True',
    message = 'fine',
  } = given;
  const reason = status === 'True' ? 'Accepted' : 'NoMatchingParent';
  const common = { message, observedGeneration };
  return {
    parentRef,
    controllerName,
    conditions: [
      { type: 'Accepted', status, reason, ...common, lastTransitionTime },
      { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', ...common, lastTransitionTime },
    ],
  };
}

const web = { group: '', kind: 'Service', name: 'web' };
const foreign = (name: string) => ({
  parentRef: { name },
  controllerName: `example.com/${name}`,
  conditions: [{ odd: [1, null] }],
});

type Case = readonly [title: string, RouteStatus, ObservedStatus, expected: readonly unknown[] | undefined];

const cases: readonly Case[] = [
  ['a first status', desired([ref()]), observed([]), [ours(web, { time: nowText })]],
  ['nothing to say, nothing said', desired([]), observed([]), undefined],
  ['an equal status is not written', desired([ref()]), observed([ours(web)]), undefined],
  [
    'the order of conditions and fields makes no difference',
    desired([ref()]),
    observed([
      {
        conditions: ours(web).conditions.toReversed(),
        controllerName,
        parentRef: { name: 'web', kind: 'Service', group: '' },
      },
    ]),
    undefined,
  ],
  [
    'the order of entries makes no difference',
    desired([ref(), ref({ port: 80 })]),
    observed([ours({ ...web, port: 80 }), ours(web)]),
    undefined,
  ],
  [
    'a new generation keeps the time',
    desired([ref()], { generation: 3 }),
    observed([ours(web)], 3),
    [ours(web, { generation: 3 })],
  ],
  [
    'a new message keeps the time',
    desired([ref()], { message: 'new' }),
    observed([ours(web)]),
    [ours(web, { message: 'new' })],
  ],
  [
    'only the condition whose status changed gets a new time',
    desired([ref()], { accepted: false }),
    observed([ours(web)]),
    [
      {
        ...ours(web),
        conditions: [
          { ...ours(web, { status: 'False' }).conditions[0], lastTransitionTime: nowText },
          ours(web).conditions[1],
        ],
      },
    ],
  ],
  [
    'entries of others stay as and where they are',
    desired([ref(), ref({ port: 80 })]),
    observed([foreign('a'), ours(web, { message: 'old' }), foreign('b')]),
    [foreign('a'), ours(web), foreign('b'), ours({ ...web, port: 80 }, { time: nowText })],
  ],
  [
    'an entry whose parentRef is gone goes',
    desired([ref()]),
    observed([ours({ ...web, name: 'old' }), ours(web), foreign('a')]),
    [ours(web), foreign('a')],
  ],
  [
    'all of ours go from a route without parents of ours',
    desired([]),
    observed([ours(web), foreign('a')]),
    [foreign('a')],
  ],
  [
    'an entry for a kind that is not ours goes',
    desired([ref()]),
    observed([ours({ name: 'public' }), ours(web)]),
    [ours(web)],
  ],
  ['a second entry for one parentRef goes', desired([ref()]), observed([ours(web), ours(web)]), [ours(web)]],
  [
    'the parentRef is as the user wrote it',
    desired([ref({ namespace: 'shop', sectionName: 'http', port: 80 })]),
    observed([ours({ ...web, sectionName: 'http', port: 80 })]),
    [ours({ ...web, namespace: 'shop', sectionName: 'http', port: 80 })],
  ],
  [
    'what was found of a newer generation stays',
    desired([ref()]),
    observed([ours(web, { generation: 3, status: 'False' })], 3),
    undefined,
  ],
  [
    'a generation that does not exist yet is corrected',
    desired([ref()]),
    observed([ours(web, { generation: 50 })]),
    [ours(web)],
  ],
  [
    'broken entries of others are kept',
    desired([ref()]),
    observed([null, 7, 'x', ours(web, { message: 'old' })]),
    [null, 7, 'x', ours(web)],
  ],
  [
    'a broken entry of ours is replaced',
    desired([ref()]),
    observed([{ controllerName, parentRef: web, conditions: 'none' }]),
    [ours(web, { time: nowText })],
  ],
  [
    'a condition of ours that is not known goes',
    desired([ref()]),
    observed([{ ...ours(web), conditions: [...ours(web).conditions, { type: 'PartiallyInvalid', status: 'True' }] }]),
    [ours(web)],
  ],
  [
    'others leave room for as many entries as the schema allows',
    desired([ref(), ref({ port: 80 })]),
    observed(Array.from({ length: 31 }, (_, index) => foreign(`x${index}`))),
    [...Array.from({ length: 31 }, (_, index) => foreign(`x${index}`)), ours(web, { time: nowText })],
  ],
  [
    'without room nothing is written',
    desired([ref()]),
    observed(Array.from({ length: 32 }, () => foreign('x'))),
    undefined,
  ],
];

for (const [title, wanted, found, expected] of cases) {
  test(title, (t) => {
    const parents = diffParents(wanted, found, now);
    t.deepEqual(parents, expected);
    if (parents !== undefined)
      t.is(diffParents(wanted, { ...found, parents }, now + 5000), undefined, 'and then it is right');
    for (const entry of parents ?? [])
      if (
        typeof entry === 'object' &&
        entry !== null &&
        !('controllerName' in entry && entry.controllerName === controllerName)
      )
        t.true(found.parents.includes(entry), 'kept by identity');
  });
}

test('a message longer than the schema allows is cut', (t) => {
  const parents = diffParents(desired([ref()], { message: '😀'.repeat(40_000) }), observed([]), now);
  const [entry] = parents as readonly ReturnType<typeof ours>[];
  t.is(entry?.conditions[0]?.message.length, 32_768);
  t.is(diffParents(desired([ref()], { message: '😀'.repeat(40_000) }), observed(parents ?? []), now), undefined);
});
