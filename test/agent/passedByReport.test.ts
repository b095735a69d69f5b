import test from 'ava';
import { pino } from 'pino';
import type { PassedBy } from '../../agent/discovery/passedBy.ts';
import { createPassedByReport } from '../../agent/passedByReport.ts';

type Line = { readonly level: number; readonly message: string; readonly [field: string]: unknown };

function setUp() {
  const lines: Line[] = [];
  const told: PassedBy[] = [];
  const log = pino({ messageKey: 'message' }, { write: (line) => void lines.push(JSON.parse(line) as Line) });
  return { report: createPassedByReport(log, (passed) => void told.push(passed)), lines, told };
}

const cart = { kind: 'HTTPRoute', namespace: 'shop', name: 'cart' } as const;
const by = (...sidecars: readonly string[]): ReadonlyMap<string, PassedBy> =>
  new Map([['HTTPRoute shop/cart', { route: cart, sidecars }]]);

test('a route that sidecars pass by is told of with their names, once, and again when it is over', (t) => {
  const { report, lines, told } = setUp();
  report(by('shop/a', 'shop/b'), 0);
  report(by('shop/a', 'shop/b'), 5000);
  t.is(lines.length, 1);
  t.like(lines[0], { level: 40, route: 'HTTPRoute shop/cart', reason: '2 sidecars: shop/a, shop/b' });
  t.deepEqual(told, [{ route: cart, sidecars: ['shop/a', 'shop/b'] }]);
  report(by('shop/b'), 10_000);
  t.is(lines.length + told.length, 2, 'nothing new');
  report(by('shop/b', 'shop/c'), 15_000);
  t.like(lines[1], { level: 40, reason: '2 sidecars: shop/b, shop/c' });
  report(new Map(), 20_000);
  t.like(lines[2], { level: 30, route: 'HTTPRoute shop/cart' });
  t.deepEqual(told[2], { route: cart, sidecars: [] });
  report(new Map(), 25_000);
  t.is(lines.length, 3);
});

test('what holds on is told anew before Kubernetes forgets it, and not in the log', (t) => {
  const { report, lines, told } = setUp();
  for (let minute = 0; minute <= 61; minute++) report(by('shop/a'), minute * 60_000);
  t.is(told.length, 2);
  t.is(lines.length, 1);
});

test('ten sidecars are named, and ten routes', (t) => {
  const { report, lines } = setUp();
  const many = Array.from({ length: 12 }, (_, at) => `shop/p${at}`);
  const routes = Array.from({ length: 25 }, (_, at) => ({ ...cart, name: `r${at}` }));
  report(new Map(routes.map((route) => [route.name, { route, sidecars: many }])), 0);
  t.is(lines.length, 11);
  t.regex(String(lines[0]?.['reason']), /^12 sidecars: shop\/p0, .*, shop\/p9 and 2 more$/);
  t.like(lines[10], { level: 40, routes: 15, first: 'r10' });
  report(new Map(), 5000);
  t.is(lines.length, 22);
  t.like(lines[21], { level: 30, routes: 15 });
});
