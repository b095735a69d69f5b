import { create, type MessageInitShape } from '@bufbuild/protobuf';
import test, { type ExecutionContext } from 'ava';
import { createContents } from '../../../agent/discovery/content.ts';
import type { Delivery, StreamState } from '../../../agent/discovery/deliveries.ts';
import type { DiscoveryServer } from '../../../agent/discovery/server.ts';
import { createSession, receive, refreshNames, takeResponses } from '../../../agent/discovery/session.ts';
import { deltaAggregatedResources } from '../../../routing/wire/delta.ts';
import { createEncoder } from '../../../routing/wire/encode.ts';
import { DeltaDiscoveryRequestSchema } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { serviceRoutingTypeUrl } from '../../../routing/wire/typeUrls.ts';
import { serveAgentAdmin } from '../../../agent/admin.ts';
import { heapBytes } from '../../garbage.ts';
import { type Fixture, makeEndpoints, makeRouting, startServer, webDestination } from './fixture.ts';
import type { TestClient } from './client.ts';

const typeUrl = serviceRoutingTypeUrl;
const pods = { '127.0.0.1': { namespace: 'shop', pod: 'client', node: 'node-a' } };

/** The one routing that the one stream has asked for; waits until the agent has seen what was sent to it. */
async function deliveryOf(
  t: ExecutionContext,
  server: DiscoveryServer,
  isSeen: (delivery: Delivery | undefined) => boolean,
): Promise<Delivery | undefined> {
  for (let looked = 0; looked < 3000; looked += 1) {
    const [state] = server.states();
    const delivery = state?.routings[webDestination];
    if (isSeen(delivery)) return delivery;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.fail(`the agent has not seen it: ${JSON.stringify(server.states())}`);
  return undefined;
}

function isState(wanted: Delivery['state']): (delivery: Delivery | undefined) => boolean {
  return (delivery) => delivery?.state === wanted;
}

function subscribe(client: TestClient): void {
  client.send({ typeUrl, resourceNamesSubscribe: [webDestination] });
}

/** A server with a routing, and a client that has asked for it. */
async function startSubscribed(t: ExecutionContext): Promise<Fixture & { readonly client: TestClient }> {
  const fixture = await startServer(t);
  fixture.publish({ routings: [makeRouting('http1')] }, pods);
  const client = fixture.connect();
  subscribe(client);
  return { ...fixture, client };
}

test('a routing waits until it is acknowledged, then it is live, with how long that took', async (t) => {
  const { publish, server, client } = await startSubscribed(t);
  const first = await client.next();
  await deliveryOf(t, server, isState('waits'));
  t.like(server.states()[0], { namespace: 'shop', pod: 'client', node: 'node-a' } satisfies Partial<StreamState>);
  client.ack(first);
  const live = await deliveryOf(t, server, isState('live'));
  t.true(live?.state === 'live' && Number.isInteger(live.tookMs) && Number(live.tookMs) >= 0);
  publish({ routings: [makeRouting('opaque')] }, pods);
  const second = await client.next();
  await deliveryOf(t, server, isState('waits'));
  client.ack(second);
  await deliveryOf(t, server, isState('live'));
});

test('a routing that was refused says why until another one is acknowledged', async (t) => {
  const { publish, server, client } = await startSubscribed(t);
  const { nonce } = await client.next();
  client.send({ typeUrl, responseNonce: nonce, errorDetail: { code: 3, message: 'rule 1 makes no sense' } });
  const refused = await deliveryOf(t, server, isState('rejected'));
  t.deepEqual(refused, { state: 'rejected', reason: 'rule 1 makes no sense' });
  publish({ routings: [makeRouting('opaque')] }, pods);
  client.ack(await client.next());
  await deliveryOf(t, server, isState('live'));
});

test('of a reason that has no end the beginning is kept, and nothing holds on to the rest', (t) => {
  const session = createSession();
  const limits = { names: 100, bytes: 100_000, textLength: 100, types: 1 };
  const take = (request: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void => {
    const bytes = deltaAggregatedResources.requestSerialize(
      create(DeltaDiscoveryRequestSchema, { typeUrl, ...request }),
    );
    receive(session, deltaAggregatedResources.requestDeserialize(bytes), limits);
  };
  const message = 'x'.repeat(1_000_000);
  const names = Array.from({ length: 50 }, (_, at) => `10.96.0.${at}:80`);
  const before = heapBytes();
  for (const name of names) {
    take({ resourceNamesSubscribe: [name] });
    refreshNames(session, new Set([name]));
    const content = createContents().peer({ namespace: 'shop', pod: 'a' });
    const [response] = takeResponses(session, { complete: true, lookup: () => ({ name, content }), onKept: t.fail });
    take({ responseNonce: response?.nonce ?? '', errorDetail: { code: 3, message } });
  }
  const grownMb = (heapBytes() - before) / 2 ** 20;
  const kept = session.types.get(typeUrl)?.answers;
  t.deepEqual(kept, new Map(names.map((name) => [name, message.slice(0, 1000)])));
  t.log(`${grownMb.toFixed(1)} MB more`);
  t.true(grownMb < 10, `${grownMb.toFixed(1)} MB`);
});

test('a sidecar that brings the present version is live at once, and nobody knows since when', async (t) => {
  const { connect: open, server, client: before } = await startSubscribed(t);
  const response = await before.next();
  before.ack(response);
  await deliveryOf(t, server, isState('live'));
  before.stream.end();
  await before.ended;
  const [resource] = response.resources;
  const after = open();
  after.send({
    typeUrl,
    resourceNamesSubscribe: [webDestination],
    initialResourceVersions: { [webDestination]: resource?.version ?? '' },
  });
  t.deepEqual(await deliveryOf(t, server, isState('live')), { state: 'live' });
});

test('what a sidecar cannot read is not live', async (t) => {
  const contents = createContents(
    createEncoder([{ part: 'Match.method', name: 'a match by method', needs: 'heddle.test.method', without: 'fails' }]),
  );
  const { publish, connect: open, server } = await startServer(t, { capabilities: ['heddle.test.method'] }, contents);
  const { routing, ...rest } = makeRouting('http1');
  const match = { path: { type: 'Exact', value: '/' }, headers: [], queryParams: [], method: 'GET' } as const;
  const rules = [{ index: 0, matches: [match], filters: [], backends: [] }] as const;
  const routes = [{ ...routing.service, kind: 'HTTPRoute', createdAtMs: 0, rules }] as const;
  publish({ routings: [{ ...rest, routing: { ...routing, routes } }] }, pods);
  const client = open();
  subscribe(client);
  client.ack(await client.next());
  await deliveryOf(t, server, isState('older'));
  t.deepEqual(server.states()[0]?.lacks, ['heddle.test.method']);
});

test('names that are no Service, and other types, are not told', async (t) => {
  const { publish, connect: open, server } = await startServer(t);
  publish({ routings: [makeRouting('http1')], endpoints: [makeEndpoints('10.1.0.1')] }, pods);
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webDestination, '10.0.0.99:80'] });
  client.ack(await client.next());
  await deliveryOf(t, server, isState('live'));
  t.deepEqual(Object.keys(server.states()[0]?.routings ?? {}), [webDestination]);
});

test('the admin port tells it on loopback as JSON, and changes nothing', async (t) => {
  const { server, client } = await startSubscribed(t);
  client.ack(await client.next());
  await deliveryOf(t, server, isState('live'));
  const admin = await serveAgentAdmin({
    port: 0,
    states: () => server.states(),
    onError: (error) => t.fail(String(error)),
  });
  t.teardown(() => admin.close());
  const url = `http://127.0.0.1:${admin.port}`;
  const told = await fetch(`${url}/streams`);
  t.is(told.headers.get('content-type'), 'application/json');
  t.deepEqual(await told.json(), JSON.parse(JSON.stringify(server.states())));
  t.is((await fetch(`${url}/streams`, { method: 'PUT' })).status, 405);
  t.is((await fetch(`${url}/`)).status, 404);
});
