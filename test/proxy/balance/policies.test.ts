import test from 'ava';
import { EndpointGroup } from '../../../proxy/balance/group.ts';
import { Outlier } from '../../../proxy/balance/outlier.ts';
import { strictest } from '../../../proxy/balance/policies.ts';
import { isWarmFor } from '../../../proxy/balance/slowStart.ts';
import { connectionsByProtocol } from '../../../proxy/serve/connectionsByProtocol.ts';
import type { UpstreamEndpoint } from '../../../proxy/upstream/endpoint.ts';
import { UpstreamRegistry } from '../../../proxy/upstream/registry.ts';
import type { EndpointPolicy } from '../../../routing/model.ts';
import { endpointsOf, readyEndpoint } from '../harness.ts';

const cases: readonly (readonly [title: string, policies: readonly EndpointPolicy[], counts: EndpointPolicy])[] = [
  ['without a policy nothing is other than by default', [], {}],
  [
    'a Service that gives no value has no say',
    [{ maxConnections: 3 }, { slowStartMs: 0 }],
    { maxConnections: 3, slowStartMs: 0 },
  ],
  [
    'the stricter of each value counts',
    [
      { outlierFailures: 9, outlierEjectionMs: 5, slowStartMs: 0, maxConnections: 3, maxWaitingRequests: 9 },
      { outlierFailures: 2, outlierEjectionMs: 9, slowStartMs: 7, maxConnections: 8, maxWaitingRequests: 0 },
    ],
    { outlierFailures: 2, outlierEjectionMs: 9, slowStartMs: 7, maxConnections: 3, maxWaitingRequests: 0 },
  ],
  [
    'never left out is milder than after any number of failures',
    [{ outlierFailures: 0 }, { outlierFailures: 50 }],
    { outlierFailures: 50 },
  ],
  [
    'never left out counts where nobody says otherwise',
    [{ outlierFailures: 0 }, { maxConnections: 1 }],
    { outlierFailures: 0, maxConnections: 1 },
  ],
];
for (const [title, policies, counts] of cases) {
  test(title, (t) => {
    t.deepEqual(strictest(policies), counts);
    t.deepEqual(strictest(policies.toReversed()), counts);
  });
}

function outlier(): Outlier {
  const made = new Outlier(
    () => 0.5,
    () => undefined,
  );
  made.counts = true;
  return made;
}

test('other failures and another first time than by default, doubled up to a minute or that time', (t) => {
  const one = outlier();
  one.setPolicy({ outlierFailures: 2, outlierEjectionMs: 90_000 });
  one.bad(0);
  t.is(one.state, 'In');
  one.bad(0);
  t.like(one, { state: 'Ejected', untilMs: 90_000 });
  one.admit();
  one.bad(100_000);
  t.is(one.untilMs, 190_000);
  one.setPolicy({});
  one.admit();
  one.bad(200_000);
  t.is(one.untilMs, 240_000);
});

test('with 0 failures it is back at once, and never left out again', (t) => {
  const one = outlier();
  for (let time = 0; time < 5; time++) one.bad(0);
  t.is(one.state, 'Ejected');
  one.setPolicy({ outlierFailures: 0 });
  t.is(one.state, 'In');
  for (let time = 0; time < 500; time++) one.bad(0);
  t.is(one.state, 'In');
});

test('a slow start of 0 s is none', (t) => {
  t.true(isWarmFor({ newMs: 1000, slowStartMs: 0 }, 1000, () => 0.99));
  t.false(isWarmFor({ newMs: 1000, slowStartMs: 60_000 }, 21_000, () => 0.99));
});

function setUp() {
  const limits = { maxConnections: 2, maxWaiting: 1, connectTimeoutMs: 1000, idleTimeoutMs: 1000 };
  const registry = new UpstreamRegistry(connectionsByProtocol(limits), undefined);
  const group = (name: string): EndpointGroup<UpstreamEndpoint> => new EndpointGroup<UpstreamEndpoint>(name, registry);
  return { one: group('shop/one:80'), other: group('shop/other:80') };
}

test('groups that share an endpoint share what the stricter one wants, for as long as it has it', (t) => {
  const { one, other } = setUp();
  const members = endpointsOf('cart', readyEndpoint(1), readyEndpoint(2));
  one.update({ ...members, policy: { slowStartMs: 3 } });
  other.update(members);
  const slowStarts = (): readonly number[] => one.candidates(4).map(({ slowStartMs }) => slowStartMs);
  t.deepEqual(slowStarts(), [3, 3]);
  other.update({ ...endpointsOf('cart', readyEndpoint(2)), policy: { slowStartMs: 8 } });
  t.deepEqual(slowStarts(), [3, 8]);
  one.update(members);
  t.deepEqual(slowStarts(), [10_000, 8]);
  other.close();
  t.deepEqual(slowStarts(), [10_000, 10_000]);
  one.close();
});

test('limits of a Service replace those of the sidecar, for connections that stand already too', (t) => {
  const { one } = setUp();
  const members = endpointsOf('cart', readyEndpoint(1));
  one.update({ ...members, policy: { maxConnections: 1, maxWaitingRequests: 0 } });
  const connections = one.candidates(4)[0]?.connections('http1');
  const first = connections?.take('pooled');
  t.truthy(first);
  t.is(connections?.take('pooled'), undefined, 'the one that is allowed is taken');
  t.false(connections?.wait({ onUpstream: () => t.fail() }), 'and nothing may wait');
  one.update({ ...members, policy: { maxConnections: 1, maxWaitingRequests: 3 } });
  let given = 0;
  t.true(connections?.wait({ onUpstream: () => given++ }));
  one.update({ ...members, policy: { maxConnections: 1 } });
  t.is(given, 0, 'a limit that stays starts nothing');
  one.update(members);
  t.is(given, 1, 'who waits gets a connection as soon as there may be one');
  t.is(connections?.take('pooled'), undefined, 'the limit of the sidecar holds again');
  one.close();
});
