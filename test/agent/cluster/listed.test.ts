import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import { ObservedStatuses } from '../../../agent/cluster/observedStatus.ts';
import { watchCluster } from '../../../agent/cluster/watch.ts';
import { bookmark, sends } from '../../kubernetes/objects.ts';
import { type Answer, failure, startScripted } from '../../kubernetes/scripted.ts';

const empty = sends(bookmark(1, 'end of list'));

/** Follows an API server that has no objects, and answers what is asked of these resources like this. */
async function follow(t: ExecutionContext, special: Readonly<Record<string, Answer>>) {
  const { api } = await startScripted(t, [
    (got, response, request) => {
      const resource = got.url.pathname.split('/').at(-1) ?? '';
      return (special[resource] ?? empty)(got, response, request);
    },
  ]);
  const controller = new AbortController();
  const told = new Set<string>();
  const events = watchCluster(api, {
    signal: controller.signal,
    log: pino({ enabled: false }),
    observed: new ObservedStatuses(),
    timing: { backOffMs: [5, 10], missingMs: 5 },
    onWatch: (kind, event) => void told.add(`${kind} ${event.type}`),
  });
  const isListed = (async () => {
    for await (const event of events) if (event.type === 'listed') return true;
    return false;
  })();
  t.teardown(() => controller.abort());
  return { isListed, told, stop: () => controller.abort() };
}

for (const [what, answer] of [
  ['that has no GRPCRoutes', failure(404, 'NotFound')],
  ['that lets nobody read GRPCRoutes', failure(403, 'Forbidden')],
] as const) {
  test(`a cluster ${what} is served without them`, async (t) => {
    const { isListed } = await follow(t, { grpcroutes: answer });
    t.true(await isListed);
  });
}

test('HTTPRoutes that may not be read are waited for, since what they say would be missing', async (t) => {
  const { isListed, told, stop } = await follow(t, { httproutes: failure(403, 'Forbidden') });
  const wanted = ['GRPCRoute listed', 'HTTPRoute failed', 'Service listed', 'ReferenceGrant listed'];
  for (let turn = 0; turn < 3000 && !wanted.every((one) => told.has(one)); turn++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  t.true(
    wanted.every((one) => told.has(one)),
    [...told].join(', '),
  );
  stop();
  t.false(await isListed);
});
