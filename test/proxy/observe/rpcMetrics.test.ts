import test from 'ava';
import { createRPCMetrics } from '../../../proxy/observe/rpcMetrics.ts';
import type { Sample } from '../../../proxy/observe/exposition.ts';
import type { Flag } from '../../../proxy/observe/flags.ts';
import type { GRPCStatus } from '../../../proxy/observe/grpcStatus.ts';

type Ended = readonly [path: string, status: GRPCStatus, flag?: Flag];

const names = { statuses: 'rpcs', durations: 'seconds' };
const labels = { statuses: { route: 'shop/cart' }, durations: { service: 'shop/cart' } };

/** What a scrape has of both metrics behind these RPCs, each of 3 ms. */
function scrapeAfter(rpcs: readonly Ended[], limit = 10_000): Record<'rpcs' | 'seconds', readonly Sample[]> {
  const { of, families } = createRPCMetrics(limit, names);
  const metrics = of(() => labels);
  for (const [path, status, flag] of rpcs) metrics.add({ path, status }, { flag, durationMs: 3 });
  const samplesOf = (name: string) => [...(families.find((family) => family.name === name)?.read() ?? [])];
  return { rpcs: samplesOf('rpcs'), seconds: samplesOf('seconds') };
}

const print = ({ labels: { grpc_service, grpc_method, grpc_status }, value }: Sample): string =>
  `${grpc_service}/${grpc_method} ${grpc_status} ${value}`;

/** Service, method and status of each series there is behind these RPCs. */
function seriesAfter(rpcs: readonly Ended[]): string[] {
  return scrapeAfter(rpcs).rpcs.map(print);
}

test('A method has a series once an endpoint has answered it, then for all that becomes of it', (t) => {
  const unavailable = ['/shop.Cart/Add', 'UNAVAILABLE', 'UF'] as const;
  t.deepEqual(seriesAfter([unavailable, ['/shop.Cart/Add', 'OK'], unavailable]), [
    '/ UNAVAILABLE 1',
    'shop.Cart/Add OK 1',
    'shop.Cart/Add UNAVAILABLE 1',
  ]);
});

test('What an endpoint does not implement, callers give up or we answer says nothing of the name', (t) => {
  const made: Ended[] = Array.from({ length: 600 }, (_, at) => [`/made.Up/${at}`, 'CANCELLED', 'DC']);
  const unimplemented: Ended[] = Array.from({ length: 600 }, (_, at) => [`/made.Up/${at}`, 'UNIMPLEMENTED']);
  t.deepEqual(seriesAfter([...made, ...unimplemented, ['/shop.Cart/Add', 'OK']]), [
    '/ CANCELLED 600',
    '/ UNIMPLEMENTED 600',
    'shop.Cart/Add OK 1',
  ]);
});

test('A server that answers every name has no more series than there are places, and no long ones', (t) => {
  const all = seriesAfter(Array.from({ length: 1000 }, (_, at) => [`/made.Up/${at}`, 'OK']));
  t.is(all.length, 501);
  t.deepEqual(seriesAfter([[`/made.Up/${'x'.repeat(200)}`, 'OK']]), ['/ OK 1']);
});

test('How long RPCs took is told by method and status, whatever their flag, under the names that are counted', (t) => {
  const rpcs: Ended[] = [
    ['/shop.Cart/Add', 'OK'],
    ['/shop.Cart/Add', 'UNAVAILABLE'],
    ['/shop.Cart/Add', 'UNAVAILABLE', 'UF'],
    ['/made.Up/x', 'UNIMPLEMENTED'],
  ];
  const { seconds } = scrapeAfter(rpcs);
  const named = (metric: string) => seconds.filter(({ metricName }) => metricName === metric);
  t.deepEqual(named('seconds_count').map(print), [
    'shop.Cart/Add OK 1',
    'shop.Cart/Add UNAVAILABLE 2',
    '/ UNIMPLEMENTED 1',
  ]);
  const within = named('seconds_bucket').filter(
    ({ labels: { le, grpc_status } }) => le === '0.005' && grpc_status === 'UNAVAILABLE',
  );
  t.deepEqual(
    within.map(({ value }) => value),
    [2],
  );
  t.deepEqual(named('seconds_sum')[0], {
    metricName: 'seconds_sum',
    labels: { service: 'shop/cart', grpc_service: 'shop.Cart', grpc_method: 'Add', grpc_status: 'OK' },
    value: 0.003,
  });
});

test('Durations have no more series than they may', (t) => {
  const { seconds } = scrapeAfter(
    Array.from({ length: 400 }, (_, at) => [`/made.Up/${at}`, 'OK']),
    10,
  );
  const counts = seconds.filter(({ metricName }) => metricName === 'seconds_count');
  t.is(counts.length, 11);
  t.deepEqual(print(counts[10] ?? { labels: {}, value: 0 }), 'other/other other 390');
});
