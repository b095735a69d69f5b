import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { routesPassedBy } from '../../../agent/discovery/passedBy.ts';
import { createAgentMetrics } from '../../../agent/metrics.ts';
import type { DestinationRouting } from '../../../agent/translate/result.ts';
import { type Protocol, type Route, routeName } from '../../../routing/model.ts';
import { capabilityNames } from '../../../routing/wire/capabilities.ts';
import { serviceRoutingTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { matchSample, routeSample, rpc } from '../../routing/samples.ts';
import type { TestClient } from './client.ts';
import { type Fixture, makeRouting, startServer, webDestination } from './fixture.ts';

const http = routeSample([[matchSample()]], { name: 'http' });
const grpc = routeSample([[matchSample({ path: rpc('Exact', 'shop.Cart') })]], { kind: 'GRPCRoute', name: 'grpc' });
const withoutHttp2 = capabilityNames.filter((name) => name !== 'heddle.v1.http2');

function routed(protocol: Protocol, routes: readonly Route[]): DestinationRouting {
  const { routing, ...rest } = makeRouting(protocol);
  return { ...rest, routing: { ...routing, routes } };
}

for (const [title, protocol, routes, passed] of [
  ['an HTTPRoute of a port that speaks HTTP/2', 'http2', [http], [http]],
  ['a GRPCRoute of a port that speaks HTTP/2', 'http2', [grpc], [grpc]],
  ['a GRPCRoute of a port of which nothing is declared', 'detect', [grpc], [grpc]],
  ['no HTTPRoute of a port of which nothing is declared', 'detect', [http], []],
  ['no HTTPRoute of a port that speaks HTTP/1.1', 'http1', [http], []],
  ['nothing of a port without routes', 'http2', [], []],
] as const) {
  test(`a sidecar without HTTP/2 passes by ${title}`, (t) => {
    const { routing } = routed(protocol, routes);
    t.deepEqual(routesPassedBy(routing, new Set(['heddle.v1.http2'])), passed);
    t.deepEqual(routesPassedBy(routing, new Set(['heddle.v1.peer'])), []);
  });
}

function subscribe(client: TestClient, id: string, clientFeatures: readonly string[]): void {
  client.send({ typeUrl, node: { id, clientFeatures: [...clientFeatures] }, resourceNamesSubscribe: [webDestination] });
}

/** Waits until this is passed by, and by whom. */
async function passes(
  server: Fixture['server'],
  wanted: Readonly<Record<string, readonly string[]>>,
): Promise<unknown> {
  const now = (): object => Object.fromEntries([...server.passedBy()].map(([name, { sidecars }]) => [name, sidecars]));
  for (let turn = 0; turn < 3000 && JSON.stringify(now()) !== JSON.stringify(wanted); turn++) await sleep(10);
  return now();
}

test('what older sidecars pass by is known for as long as they are there and are sent it', async (t) => {
  const { publish, connect, server } = await startServer(t);
  publish({ routings: [routed('http2', [http])] });
  const [one, two, present] = [connect(), connect(), connect()];
  subscribe(one, 'shop/one', withoutHttp2);
  subscribe(two, 'shop/two', []);
  subscribe(present, 'shop/present', capabilityNames);
  const taken = () => Promise.all([one, two, present].map((client) => client.take()));
  await taken();
  const both = { [routeName(http)]: ['shop/one', 'shop/two'] };
  t.deepEqual(await passes(server, both), both);
  t.regex(await createAgentMetrics(server).registry.metrics(), /^discovery_routes_passed_by 1$/m);
  publish({ routings: [routed('http1', [http])] });
  await taken();
  t.deepEqual(await passes(server, {}), {}, 'they do what this route says now');
  publish({ routings: [routed('http1', [grpc])] });
  // The older ones keep what they have: they cannot read this.
  await present.take();
  const ofOther = { [routeName(grpc)]: ['shop/one', 'shop/two'] };
  t.deepEqual(await passes(server, ofOther), ofOther);
  one.send({ typeUrl, resourceNamesUnsubscribe: [webDestination] });
  const left = { [routeName(grpc)]: ['shop/two'] };
  t.deepEqual(await passes(server, left), left, 'one asks for it no more');
  two.close();
  t.deepEqual(await passes(server, {}), {}, 'the other is gone');
  t.regex(await createAgentMetrics(server).registry.metrics(), /^discovery_routes_passed_by 0$/m);
});

test('of what is passed by, no name of another type takes anything back', async (t) => {
  const { publish, connect, server } = await startServer(t);
  publish({ routings: [routed('http2', [http])] });
  const client = connect();
  subscribe(client, 'shop/one', []);
  await client.take();
  const wanted = { [routeName(http)]: ['shop/one'] };
  t.deepEqual(await passes(server, wanted), wanted);
  client.send({ typeUrl: 'type.googleapis.com/heddle.v9.Future', resourceNamesSubscribe: [webDestination] });
  t.deepEqual((await client.take()).removedResources, [webDestination]);
  t.deepEqual([...server.passedBy().keys()], [routeName(http)]);
});

test('a sidecar is called by the pod that it has proved to be', async (t) => {
  const { publish, connect, server } = await startServer(t);
  publish({ routings: [routed('http2', [http])] }, { '127.0.0.1': { namespace: 'shop', pod: 'proved' } });
  const client = connect();
  subscribe(client, 'shop/said', withoutHttp2);
  await client.take();
  const wanted = { [routeName(http)]: ['shop/proved'] };
  t.deepEqual(await passes(server, wanted), wanted);
});
