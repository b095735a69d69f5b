import { toBinary } from '@bufbuild/protobuf';
import test from 'ava';
import { endpointsName } from '../../../routing/model.ts';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
} from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { endpointsTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { requestsOf } from '../../../proxy/table/requests.ts';
import { startServer } from '../../agent/discovery/fixture.ts';
import { encodeEndpoints } from '../../routing/wire/bytes.ts';
import { type Agent, startAgent } from './agent.ts';
import { startClient } from './client.ts';

// As long as names of Services may be: with the name of the version beside it each takes some 150 bytes.
const names = Array.from({ length: 10_000 }, (_, at) =>
  endpointsName({ namespace: 'some-namespace-of-some-team', name: `service-${'x'.repeat(40)}-${at}` }, 80),
);
const mostBytes = 256 * 1024;
const until = async (condition: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 3000 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
};
const endpointsOf = (name: string) => ({ name, endpoints: [] });

test('nothing to say makes no request', (t) => {
  t.deepEqual(requestsOf(typeUrl, { subscribe: [], unsubscribe: [], versions: new Map() }), []);
});

test('10,000 names are asked for, resumed and dropped in requests of at most 256 KiB', async (t) => {
  const agent = await startAgent(t);
  const { type, done } = startClient(t, agent.address);
  for (const name of names) type.want(name);
  const asked = await takeRequests(agent, (request) => request.resourceNamesSubscribe);
  t.deepEqual(asked.names, names);
  const value = encodeEndpoints({ name: 'any', endpoints: [] });
  const resources = names.map((name) => ({ name, version: '0123456789ab', resource: { typeUrl, value } }));
  agent.send({ typeUrl, nonce: 'n1', resources: resources.slice(0, 9000) });
  t.is((await agent.next()).responseNonce, 'n1');
  agent.stop();
  const again = await startAgent(t, { address: agent.address });
  const resumed = await takeRequests(again, (request) => request.resourceNamesSubscribe);
  t.deepEqual(resumed.names, names);
  const versions = Object.assign({}, ...resumed.requests.map((request) => request.initialResourceVersions)) as object;
  t.deepEqual(Object.keys(versions), names.slice(0, 9000));
  for (const { resourceNamesSubscribe, initialResourceVersions } of resumed.requests)
    t.true(Object.keys(initialResourceVersions).every((name) => resourceNamesSubscribe.includes(name)));
  // An agent that knows of no versions in later requests sends all of it once more.
  again.send({ typeUrl, nonce: 'm1', resources });
  t.is((await again.next()).errorDetail, undefined);
  t.is(done.length, 19_000);
  for (const name of names) type.drop(name);
  const dropped = await takeRequests(again, (request) => request.resourceNamesUnsubscribe);
  t.deepEqual(dropped.names, names);
  for (const { requests } of [asked, resumed, dropped]) {
    t.true(requests.length > 1);
    for (const request of requests) t.true(toBinary(DeltaDiscoveryRequestSchema, request).length <= mostBytes);
  }
});

test('of 10,000 names that a sidecar resumes an agent sends those alone that have changed', async (t) => {
  const before = await startServer(t);
  before.publish({ endpoints: names.map(endpointsOf) });
  const { type, subscriber, done } = startClient(t, before.address);
  for (const name of names) type.want(name);
  await until(() => done.length === names.length);
  t.is(done.length, names.length);
  await before.server.close(0);
  await until(() => !subscriber.connected);
  const after = await startServer(t, {}, undefined, before.address);
  const changed = [names[1], names[5000], names.at(-1)].map(String);
  after.publish({
    endpoints: names
      .filter((name) => name !== changed[0])
      .map((name) => {
        const endpoint = { address: '10.1.0.1', port: 80, ready: true, serving: true, terminating: false };
        return { name, endpoints: changed.includes(name) ? [endpoint] : [] };
      }),
  });
  await until(() => done.length >= names.length + 3);
  t.deepEqual(
    done
      .slice(names.length)
      .map((each) => each.replace(/=.*/, ''))
      .toSorted(),
    [`-${changed[0]}`, ...changed.slice(1)].toSorted(),
  );
});

/** The requests that the agent gets, until they name as many as there are. */
async function takeRequests(
  agent: Agent,
  namesOf: (request: DeltaDiscoveryRequest) => readonly string[],
): Promise<{ readonly requests: readonly DeltaDiscoveryRequest[]; readonly names: readonly string[] }> {
  const requests: DeltaDiscoveryRequest[] = [];
  const all: string[] = [];
  while (all.length < names.length) {
    const request = await agent.next();
    requests.push(request);
    all.push(...namesOf(request));
  }
  return { requests, names: all };
}
