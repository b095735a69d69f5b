import test from 'ava';
import { createStatusTable } from '../../agent/statusTable.ts';
import type { Condition, RouteStatus } from '../../agent/translate/result.ts';

const parentRef = { group: '', kind: 'Service', namespace: undefined, name: 'web', port: 80, sectionName: undefined };
const good: Condition = {
  type: 'Accepted',
  status: true,
  reason: 'Accepted',
  message: 'Route is accepted',
  observedGeneration: 1,
};
const bad: Condition = {
  type: 'ResolvedRefs',
  status: false,
  reason: 'InvalidKind',
  message: 'a long one',
  observedGeneration: 1,
};

function makeStatus(name: string, parents: RouteStatus['parents']): RouteStatus {
  return { kind: 'HTTPRoute', namespace: 'default', name, uid: undefined, parents };
}

function setUp() {
  const tables: string[] = [];
  const update = createStatusTable((table) => void tables.push(table));
  const change = (name: string, before: RouteStatus | undefined, after: RouteStatus | undefined): void =>
    update([{ key: `HTTPRoute default/${name}`, before, after }]);
  return { tables, change };
}

test('statuses are printed as an aligned table', (t) => {
  const { tables, change } = setUp();
  const other = { ...parentRef, namespace: 'shop', port: undefined, sectionName: 'http' };
  const parents = [
    { parentRef, conditions: [good] },
    { parentRef: other, conditions: [bad] },
  ];
  change('r', undefined, makeStatus('r', parents));
  t.deepEqual(tables, [
    `ROUTE                PARENT                   CONDITION           REASON       MESSAGE
HTTPRoute default/r  Service default/web:80   Accepted=True       Accepted     Route is accepted
HTTPRoute default/r  Service shop/web (http)  ResolvedRefs=False  InvalidKind  a long one
`,
  ]);
});

test('the table is in order, is printed when a line changes, and has no more lines of what is gone', (t) => {
  const { tables, change } = setUp();
  const parents = [{ parentRef, conditions: [good] }];
  const [a, b] = [makeStatus('a', parents), makeStatus('b', parents)];
  change('silent', undefined, makeStatus('silent', []));
  t.is(tables.length, 0, 'a route without a parent of ours has no line');
  change('b', undefined, b);
  change('a', undefined, a);
  t.deepEqual(tables.at(-1)?.match(/default\/[ab] /g), ['default/a ', 'default/b ']);
  change('a', a, { ...a, uid: 'another' });
  t.is(tables.length, 2);
  change('a', a, undefined);
  t.deepEqual(tables.at(-1)?.match(/default\/[ab] /g), ['default/b ']);
  change('b', b, undefined);
  t.is(tables.at(-1), 'ROUTE  PARENT  CONDITION  REASON  MESSAGE\n');
});
