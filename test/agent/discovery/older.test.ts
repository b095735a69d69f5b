import test, { type ExecutionContext } from 'ava';
import type { DestinationRouting } from '../../../agent/translate/result.ts';
import { createAgentMetrics } from '../../../agent/metrics.ts';
import { createContents } from '../../../agent/discovery/content.ts';
import type { ServiceRouting } from '../../../routing/model.ts';
import { decodeEndpoints, decodeServiceRouting } from '../../../routing/wire/decode.ts';
import { createEncoder } from '../../../routing/wire/encode.ts';
import type { NewerPart } from '../../../routing/wire/newer.ts';
import { endpointsTypeUrl, serviceRoutingTypeUrl } from '../../../routing/wire/typeUrls.ts';
import { failuresIn } from '../../routing/wire/failures.ts';
import type { TestClient } from './client.ts';
import { makeRouting, startServer, webDestination, webEndpoints } from './fixture.ts';
import { bytesOf } from './read.ts';

const rewrite = 'heddle.test.rewrite';
const method = 'heddle.test.method';
const pod = 'heddle.test.pod';
/** Old parts that pretend to be of the future. */
const parts: readonly NewerPart<string>[] = [
  { part: 'Filter.url_rewrite', name: 'URLRewrite', needs: rewrite, without: 'fails' },
  { part: 'Match.method', name: 'a match by method', needs: method, without: 'fails' },
  { part: 'Endpoint.pod', name: 'pods', needs: pod, without: 'isLeftOut' },
];
const capabilities = [rewrite, method, pod];
const typeUrl = serviceRoutingTypeUrl;

/** A routing with a rule that rewrites to `hostname`, and a rule beside it; `by`: the first matches a method. */
function rewriting(hostname: string, by?: string): DestinationRouting {
  const { routing, ...rest } = makeRouting('http1');
  const match = {
    path: { type: 'Exact', value: '/' },
    headers: [],
    queryParams: [],
    ...(by && { method: by }),
  } as const;
  const rules = [
    { index: 0, matches: [match], filters: [{ type: 'URLRewrite', hostname }], backends: [] } as const,
    { index: 1, matches: [{ ...match, path: { type: 'PathPrefix', value: '/' } as const }], filters: [], backends: [] },
  ];
  const routes = [{ ...routing.service, kind: 'HTTPRoute', createdAtMs: 0, rules } as const];
  return { ...rest, routing: { ...routing, routes } };
}

function start(t: ExecutionContext): ReturnType<typeof startServer> {
  return startServer(t, { capabilities }, createContents(createEncoder(parts)));
}

function subscribe(client: TestClient, clientFeatures: readonly string[], version?: string): void {
  const initialResourceVersions = version === undefined ? {} : { [webDestination]: version };
  const node = { id: 'shop/client', clientFeatures: [...clientFeatures] };
  client.send({ typeUrl, node, resourceNamesSubscribe: [webDestination], initialResourceVersions });
}

test('a sidecar that names all capabilities gets everything, and the log tells nothing of it', async (t) => {
  const { publish, connect: open, lines, server } = await start(t);
  publish({ routings: [rewriting('a', 'GET')] });
  const client = open();
  subscribe(client, [...capabilities, 'heddle.test.unheard-of']);
  const { routes } = await take(client);
  t.deepEqual(routes, rewriting('a', 'GET').routing.routes);
  t.deepEqual(lacksIn(lines), []);
  t.deepEqual([...server.lacking().values()], [0, 0, 0]);
});

test('for one that lacks a filter its rule fails and says what is missing; the rule beside it stays', async (t) => {
  const { publish, connect: open, lines, server } = await start(t);
  publish({ routings: [rewriting('a')] });
  const [older, newer] = [open(), open()];
  subscribe(older, [method, pod]);
  subscribe(newer, capabilities);
  const failures = failuresIn(await take(older));
  t.deepEqual([...failures.keys()], ['routes.0.rules.0']);
  t.regex(failures.get('routes.0.rules.0') ?? '', /^URLRewrite: .* lacks heddle\.test\.rewrite: restart the pod/);
  t.deepEqual([...failuresIn(await take(newer))], []);
  t.deepEqual(lacksIn(lines), [[rewrite]]);
  t.deepEqual(
    [...server.lacking()],
    [
      [rewrite, 1],
      [method, 0],
      [pod, 0],
    ],
  );
  const metrics = await createAgentMetrics(server).registry.metrics();
  t.regex(metrics, /^discovery_streams_lacking\{capability="heddle\.test\.rewrite"\} 1$/m);
  t.regex(metrics, /^discovery_streams_lacking\{capability="heddle\.test\.pod"\} 0$/m);
  // For the older one both are the same.
  publish({ routings: [rewriting('b')] });
  t.is((await take(newer)).routes[0]?.rules[0]?.filters.length, 1);
  t.true(await older.isQuiet(50));
});

test('what cannot be said leaves the version that the sidecar has, and the log tells of it once', async (t) => {
  const { publish, connect: open, lines } = await start(t);
  publish({ routings: [rewriting('a')] });
  const client = open();
  subscribe(client, [rewrite, pod]);
  await take(client);
  for (const hostname of ['b', 'c']) {
    publish({ routings: [rewriting(hostname, 'GET')] });
    t.true(await client.isQuiet(50), hostname);
  }
  const kept = lines.filter(
    ({ message }) => message === 'Sidecar cannot read a resource and keeps its earlier version',
  );
  t.is(kept.length, 1);
  t.like(kept[0], { level: 40, sidecar: 'shop/client', resource: webDestination });
  publish({ routings: [rewriting('d')] });
  t.deepEqual((await take(client)).routes[0]?.rules[0]?.filters, [{ type: 'URLRewrite', hostname: 'd' }]);
  publish({ routings: [] });
  t.deepEqual((await client.take()).removedResources, [webDestination], 'what is gone is gone for all');
});

test('a routing of another Service, which had the address before, is not kept for one that cannot be said', async (t) => {
  const { publish, connect: open } = await start(t);
  publish({ routings: [rewriting('a')] });
  const client = open();
  subscribe(client, [rewrite, pod]);
  const { version = '' } = (await client.take()).resources[0] ?? {};
  t.is(version.length, 16);
  const unreadable = rewriting('b', 'GET');
  const reused = { ...unreadable, routing: { ...unreadable.routing, service: { namespace: 'other', name: 'new' } } };
  publish({ routings: [reused] });
  t.deepEqual((await take(client)).service, { namespace: 'other', name: 'new' });
  const returning = open();
  subscribe(returning, [rewrite, pod], version);
  t.deepEqual((await take(returning)).service, { namespace: 'other', name: 'new' });
  const ofAnOlderAgent = open();
  subscribe(ofAnOlderAgent, [rewrite, pod], version.slice(4));
  t.true(await ofAnOlderAgent.isQuiet(200), 'nobody knows whose it is');
});

test('a sidecar that has nothing of what cannot be said is told to refuse every request', async (t) => {
  const { publish, connect: open } = await start(t);
  publish({ routings: [rewriting('a', 'GET')] });
  const fresh = open();
  subscribe(fresh, [rewrite, pod]);
  const { routes, endpoints } = await take(fresh);
  t.is(endpoints, webEndpoints, 'what is not HTTP goes on');
  t.like(routes[0]?.rules, { length: 1, 0: { matches: [{ path: { type: 'PathPrefix', value: '/' } }] } });
  t.like(routes[0]?.rules[0]?.filters, { length: 1, 0: { type: 'Unsupported', name: 'a match by method' } });
  const back = open();
  subscribe(back, [rewrite, pod], 'a version of an earlier stream');
  t.true(await back.isQuiet(50));
  publish({ routings: [rewriting('a')] });
  for (const client of [fresh, back]) t.deepEqual([...failuresIn(await take(client))], []);
});

test('a field of an endpoint that may be left out is left out, and the endpoints stay', async (t) => {
  const { publish, connect: open } = await start(t);
  const endpoint = { address: '10.1.0.1', port: 80, ready: true, serving: true, terminating: false };
  publish({ endpoints: [{ name: webEndpoints, endpoints: [{ ...endpoint, pod: 'a' }] }] });
  const [older, newer] = [open(), open()];
  for (const client of [older, newer]) {
    const node = { clientFeatures: client === newer ? capabilities : [] };
    client.send({ typeUrl: endpointsTypeUrl, node, resourceNamesSubscribe: [webEndpoints] });
  }
  t.deepEqual(decodeEndpoints(bytesOf(await older.take())), {
    ok: true,
    value: { name: webEndpoints, endpoints: [endpoint] },
  });
  t.like(decodeEndpoints(bytesOf(await newer.take())), { value: { endpoints: [{ pod: 'a' }] } });
});

test('forms for older sidecars are encoded when one asks, once for all that lack the same', (t) => {
  const contents = createContents(createEncoder(parts));
  const { routing } = rewriting('a', 'GET');
  const content = contents.serviceRouting(routing);
  const form = content.without(new Set([rewrite, pod]));
  t.is(content.without(new Set([rewrite])), form, 'pods do not matter to it');
  t.not(content.without(new Set([method])), form);
  t.is(content.without(new Set([pod])), content);
  const plain = contents.serviceRouting(makeRouting('http1').routing);
  t.is(plain.without(new Set(capabilities)), plain);
});

async function take(client: TestClient): Promise<ServiceRouting> {
  const decoded = decodeServiceRouting(bytesOf(await client.take()));
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

function lacksIn(lines: readonly Readonly<Record<string, unknown>>[]): unknown[] {
  return lines.filter(({ message }) => String(message).startsWith('Sidecar is older')).map(({ lacks }) => lacks);
}
