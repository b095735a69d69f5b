import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Delivery, StreamState } from '../../../agent/discovery/deliveries.ts';
import { translateObjects } from '../../../commands/mesh/mesh.ts';
import { readFiles } from '../../../commands/mesh/readFiles.ts';
import { percentile } from '../../../commands/status/live.ts';
import { podRows } from '../../../commands/status/pods.ts';
import { readStates } from '../../../commands/status/readStates.ts';
import { renderPodRows, renderRouteRows, renderServiceRows } from '../../../commands/status/render.ts';
import { routeRows } from '../../../commands/status/routes.ts';
import { serviceRows } from '../../../commands/status/services.ts';

const mesh = translateObjects(await readFiles([path.resolve(import.meta.dirname, '../mesh')], 'shop'), new Set());
const [cart = ''] = mesh.ports.get('shop/cart:80')?.addresses ?? [];
const [db = ''] = mesh.ports.get('shop/db:5432')?.addresses ?? [];

function live(tookMs: number): Delivery {
  return { state: 'live', tookMs };
}

function stream(pod: string, routings: StreamState['routings'], namespace = 'shop'): StreamState {
  return { namespace, pod, node: 'node-a', lacks: [], routings };
}

const streams: readonly StreamState[] = [
  ...Array.from({ length: 98 }, (_, at) => stream(`client-${at}`, { [cart]: live(5) })),
  stream('slow', { [cart]: live(38) }),
  stream('refuses', { [cart]: { state: 'rejected', reason: 'rule 1 makes no sense' } }),
  stream('waits', { [cart]: { state: 'waits' } }),
  stream('old', { [cart]: { state: 'older' } }),
  stream('elsewhere', { '10.9.9.9:80': live(1) }),
  stream('teller', { [cart]: live(7) }, 'bank'),
  { lacks: [], routings: { [cart]: { state: 'live' } } },
];

/** What is told stands in a file beside this one; UPDATE_GOLDEN=1 writes it anew. */
function golden(t: ExecutionContext, name: string, lines: readonly string[]): void {
  const file = path.join(import.meta.dirname, `${name}.txt`);
  const told = `${lines.join('\n')}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, told);
  t.is(told, readFileSync(file, 'utf8'));
}

test('routes are told with what is wrong, and on how many of the sidecars that use them they are live', (t) => {
  golden(t, 'routes', renderRouteRows(routeRows(mesh, streams)));
});

test('a consumer route counts the sidecars of its namespace, the producer route all others', (t) => {
  const rows = new Map(routeRows(mesh, streams).map(({ route, live: told }) => [route, told]));
  t.like(rows.get('HTTPRoute bank/cart-for-the-bank'), { live: 1, sidecars: 1, p99Ms: 7 });
  t.like(rows.get('HTTPRoute shop/cart'), { live: 100, sidecars: 103, p99Ms: 38 });
});

test('where no agent could be asked nothing is said of sidecars', (t) => {
  const rows = routeRows(mesh, undefined);
  t.true(rows.length > 3 && rows.every((row) => row.live === undefined));
  t.regex(renderRouteRows(rows).join('\n'), /HTTPRoute shop\/cart +yes +no +not known/);
});

test('ports of Services are told with their endpoints and routes', (t) => {
  const rows = serviceRows(mesh, streams, (name) => name.startsWith('shop/'));
  golden(t, 'services', renderServiceRows(rows));
});

test('a pod with addresses of two families is one endpoint', (t) => {
  const endpoint = { port: 8080, ready: true, serving: true, terminating: false, pod: 'db-0' };
  const endpoints = [
    { ...endpoint, address: '10.1.0.1' },
    { ...endpoint, address: 'fd00::1' },
    { ...endpoint, address: '10.1.0.2', pod: 'db-1', ready: false },
  ];
  const with2 = { ...mesh, endpoints: new Map([['shop/db:5432', { name: 'shop/db:5432', endpoints }]]) };
  const [row] = serviceRows(with2, [], (name) => name === 'shop/db');
  t.deepEqual(row?.endpoints, { ready: 1, all: 2 });
});

test('sidecars are told with what their pods use', (t) => {
  const told = [
    {
      agent: 'agent-a',
      ok: true,
      streams: [stream('b', { [cart]: live(3), [db]: { state: 'live' } }), stream('c', {})],
    },
    { agent: 'agent-b', ok: false, reason: 'gone' },
    {
      agent: 'agent-c',
      ok: true,
      streams: [{ ...stream('a', { [cart]: { state: 'older' } }), lacks: ['grpc-routes'] }],
    },
  ] as const;
  golden(t, 'pods', renderPodRows(podRows(mesh, told)));
  t.deepEqual(renderPodRows([]), ['No sidecar has a stream to an agent.']);
});

test('a sidecar that counts twice counts once, with its worst', (t) => {
  const twice = [stream('client', { [cart]: live(1) }), stream('client', { [cart]: { state: 'waits' } })];
  const row = routeRows(mesh, twice).find(({ route }) => route === 'HTTPRoute shop/cart');
  t.like(row?.live, { live: 0, sidecars: 1, behind: [{ sidecar: 'shop/client' }] });
});

test('what an agent of another version says is read as far as it is understood', (t) => {
  const told = readStates(
    JSON.stringify([
      {
        namespace: 'shop',
        pod: 'a',
        lacks: ['x', 1],
        routings: { one: { state: 'live', tookMs: 2 }, two: { state: 'new' } },
      },
      {},
      7,
    ]),
  );
  t.deepEqual(told, [
    { namespace: 'shop', pod: 'a', lacks: ['x'], routings: { one: { state: 'live', tookMs: 2 } } },
    { lacks: [], routings: {} },
  ]);
});

test('a percentile is one of the values', (t) => {
  const values = Array.from({ length: 200 }, (_, at) => 200 - at);
  t.is(percentile(values, 0.99), 198);
  t.is(percentile(values, 0.5), 100);
  t.is(percentile([3], 0.99), 3);
  t.is(percentile([], 0.99), undefined);
});
