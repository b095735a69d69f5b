import test from 'ava';
import { apply } from './kubectl.ts';
import { eventually } from './process/progress.ts';
import { client, deploy, pod, service } from './support/app.ts';
import { type Caller, startCaller } from './support/call.ts';
import { type SidecarLog, followSidecarLog } from './support/log.ts';
import { httpRoute, prefix, setHeader, to } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

const namespace = useNamespace('route-precedence');
let caller: Caller;
let log: SidecarLog;

/** A rule whose name arrives at the backend as a header. */
function rule(name: string, ...matches: readonly object[]): object {
  return { name, matches, filters: [setHeader('x-rule', name)], backendRefs: [to('app')] };
}

const exact = (value: string, more: object = {}): object => ({ path: { type: 'Exact', value }, ...more });
const regex = (value: string): object => ({ path: { type: 'RegularExpression', value } });
const headers = (...list: readonly object[]): object => ({ headers: list });
const queryParams = (...list: readonly object[]): object => ({ queryParams: list });
const one = { name: 'X-One', value: '1' };
const two = { name: 'X-Two', value: '2' };

test.before(async () => {
  await deploy([
    service(namespace, 'app'),
    service(namespace, 'paths', { selector: { app: 'app' } }),
    service(namespace, 'ages', { selector: { app: 'app' } }),
    httpRoute(namespace, 'weak', 'paths', [
      rule('any', prefix('/')),
      rule('prefix', prefix('/a/')),
      rule('longer', prefix('/a/b')),
      rule('pattern', regex('/a/b/[0-9]+.*')),
    ]),
    httpRoute(namespace, 'strong', 'paths', [
      rule('exact', exact('/a/b/c')),
      rule('method', prefix('/a/b', { method: 'POST' })),
      rule('header', prefix('/a/b', headers(one))),
      rule('headers', prefix('/a/b', headers(one, two))),
      rule('query', prefix('/a/b', queryParams({ name: 'q', value: '1' }))),
      rule('queries', prefix('/a/b', queryParams({ name: 'q', value: '1' }, { name: 'r', value: '2' }))),
      rule('value-pattern', prefix('/v', headers({ name: 'x-v', type: 'RegularExpression', value: '[ab]+' }))),
      rule('query-pattern', prefix('/v', queryParams({ name: 'v', type: 'RegularExpression', value: '[0-9]{2}' }))),
      rule('either', exact('/or/1'), exact('/or/2', { method: 'DELETE' })),
    ]),
    service(namespace, 'patterns', { selector: { app: 'app' } }),
    httpRoute(namespace, 'patterns', 'patterns', [rule('pattern', regex('/a/[0-9]+(/.*)?'))]),
    httpRoute(namespace, 'z-older', 'ages', [rule('older', prefix('/'))]),
    pod(namespace, 'app'),
    client(namespace),
  ]);
  // Seconds later than the first, which is all that a creationTimestamp tells.
  await apply([
    httpRoute(namespace, 'a-newer', 'ages', [
      rule('newer', prefix('/')),
      rule('first', prefix('/x')),
      rule('second', prefix('/x')),
    ]),
  ]);
  caller = await startCaller(namespace, 'client');
  log = await followSidecarLog(namespace, 'client');
});

test.after.always(() => {
  caller?.close();
  log?.close();
});

for (const [wanted, path, options] of [
  ['any', '/'],
  ['any', '/ab'],
  ['any', '/A'],
  ['prefix', '/a'],
  ['prefix', '/a/x'],
  ['longer', '/a/b'],
  ['longer', '/a/b/1'],
  ['exact', '/a/b/c'],
  ['exact', '/a/b/c?q=1', { method: 'POST' }],
  ['longer', '/a/b/c/'],
  ['method', '/a/b/c/d', { method: 'POST', headers: { 'x-one': '1', 'x-two': '2' } }],
  ['header', '/a/b', { headers: { 'X-ONE': '1', 'x-two': 'x' } }],
  ['headers', '/a/b?q=1&r=2', { headers: { 'x-one': '1', 'x-two': '2' } }],
  ['longer', '/a/b', { headers: { 'x-one': '1, 1' } }],
  ['query', '/a/b?q=1&q=2'],
  ['longer', '/a/b?q=2&q=1'],
  ['queries', '/a/b?r=2&q=1'],
  ['header', '/a/b?r=2&q=1', { headers: { 'x-one': '1' } }],
  ['value-pattern', '/v', { headers: { 'x-v': 'abba' } }],
  ['any', '/v', { headers: { 'x-v': 'abc' } }],
  ['query-pattern', '/v?v=12'],
  ['any', '/v?v=123'],
  ['either', '/or/1'],
  ['either', '/or/2', { method: 'DELETE' }],
  ['any', '/or/2'],
] as const) {
  test(`rule "${wanted}" gets ${path} ${JSON.stringify(options ?? {})}`, async (t) => {
    const { status, seen } = await caller.call(`http://paths${path}`, options);
    t.is(status, 200);
    t.is(seen?.headers['x-rule'], wanted);
    t.is(seen?.path, path);
  });
}

test('a regular expression must match the whole path', async (t) => {
  t.is((await caller.call('http://patterns/a/12')).seen?.headers['x-rule'], 'pattern');
  t.is((await caller.call('http://patterns/a/12/b?c=d')).seen?.headers['x-rule'], 'pattern');
  for (const path of ['/a/12b', '/x/a/12', '/a/'])
    t.is((await caller.call(`http://patterns${path}`)).status, 404, path);
});

test('the older of two routes with equal matches gets the request, the longer prefix of the newer one still wins', async (t) => {
  const newer = await eventually(
    'the newer route',
    () => caller.call('http://ages/x/age'),
    ({ seen }) => seen?.headers['x-rule'] !== 'older',
  );
  t.is(newer.seen?.headers['x-rule'], 'first');
  t.is((await caller.call('http://ages/other')).seen?.headers['x-rule'], 'older');
});

test('the log names the rule, and what matched', async (t) => {
  await caller.call('http://paths/a/b/logged?q=1', { headers: { 'x-one': '1', 'x-two': '2' } });
  const line = await log.find({ path: '/a/b/logged' });
  t.like(line, {
    route: `HTTPRoute ${namespace}/strong`,
    rule: 3,
    ruleName: 'headers',
    matched: 'path prefix /a/b and header x-one = 1 and header x-two = 2',
    service: `${namespace}/paths:80`,
    backend: `${namespace}/app:80`,
    pod: 'app',
    method: 'GET',
    direction: 'outbound',
  });
  t.notRegex(JSON.stringify(line), /q=1/);
});
