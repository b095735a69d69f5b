import test from 'ava';
import { createRPCMetrics } from '../../../proxy/observe/rpcMetrics.ts';
import type { Flag } from '../../../proxy/observe/flags.ts';
import type { GRPCStatus } from '../../../proxy/observe/grpcStatus.ts';

type Ended = readonly [path: string, status: GRPCStatus, flag?: Flag];

/** Service, method and status of each series there is behind these RPCs. */
function seriesAfter(rpcs: readonly Ended[]): string[] {
  const { of, family } = createRPCMetrics(10_000, 'rpcs');
  const metrics = of(() => ({ route: 'shop/cart' }));
  for (const [path, status, flag] of rpcs) metrics.add({ path, status }, flag);
  return [...family.read()].map(
    ({ labels, value }) => `${labels['grpc_service']}/${labels['grpc_method']} ${labels['grpc_status']} ${value}`,
  );
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
