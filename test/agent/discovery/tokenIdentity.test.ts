import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { identifyByToken } from '../../../agent/discovery/tokenIdentity.ts';
import { decodeServiceRouting } from '../../../routing/wire/decode.ts';
import type { DeltaDiscoveryResponse } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { endpointsTypeUrl, serviceRoutingTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { type Answer, failure, type Got, startScripted } from '../../kubernetes/scripted.ts';
import { type Fixture, makeEndpoints, makeRouting, startServer, webDestination, webEndpoints } from './fixture.ts';
import { addressesOf, bytesOf } from './read.ts';
import { undisturbed } from '../../undisturbed.ts';
import { acceptedAs, audience, believing, makeToken, reviewed } from './tokens.ts';

type Setup = Fixture & { readonly got: readonly Got[] };

function setUp(t: ExecutionContext, ...answers: readonly Answer[]): Promise<Setup> {
  return setUpAt(t, Date.now, answers);
}

async function setUpAt(t: ExecutionContext, now: () => number, answers: readonly Answer[]): Promise<Setup> {
  const { api, got } = await startScripted(t, answers);
  const fixture = await startServer(t, (log) => ({ identify: identifyByToken({ api, audience, log, now }) }));
  // The peer's address is that of a pod of shop; nobody is to be taken for it.
  const pods = { '127.0.0.1': { namespace: 'shop', pod: 'by-address' } };
  fixture.publish({ routings: [makeRouting('http1'), makeRouting('opaque', 'shop')] }, pods);
  return { ...fixture, got };
}

function protocolOf(response: DeltaDiscoveryResponse): string | undefined {
  const decoded = decodeServiceRouting(bytesOf(response));
  return decoded.ok ? decoded.value.protocol : undefined;
}

const ask = { typeUrl, resourceNamesSubscribe: [webDestination] };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const tokenOf = (namespace: string, pod = 'a', claims = {}): string => makeToken({ namespace, pod, ...claims });

test('the namespace in the reviewed token selects consumer routes, whatever address and node id say', async (t) => {
  const { connect, got } = await setUp(t, believing);
  const shop = connect(bearer(tokenOf('shop')));
  shop.send({ ...ask, node: { id: 'other/pod' } });
  t.is(protocolOf(await shop.take()), 'opaque');
  const other = connect(bearer(tokenOf('other')));
  other.send({ ...ask, node: { id: 'shop/pod' } });
  t.is(protocolOf(await other.take()), 'http1');
  const review = JSON.parse(got[0]?.body ?? '') as unknown;
  t.like(review, { kind: 'TokenReview', spec: { audiences: [audience] } });
  t.like(got[0], { method: 'POST' });
  t.is(got[0]?.url.pathname, '/apis/authentication.k8s.io/v1/tokenreviews');
});

test('the reviewed token says on which node the pod runs, and so which endpoints it may use', async (t) => {
  const { connect, publish } = await setUp(t, reviewed(acceptedAs('shop', 'a', 'n2')));
  const [one, other] = ['10.1.0.1', '10.1.0.2'].flatMap((address) => makeEndpoints(address).endpoints);
  const endpoints = [Object.assign({ node: 'n1' }, one), Object.assign({ node: 'n2' }, other)];
  publish({ endpoints: [{ name: webEndpoints, endpoints, isLocal: true }] });
  const client = connect(bearer(makeToken()));
  client.send({ typeUrl: endpointsTypeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.2']);
});

const good = makeToken();
const withStatus = (change: Record<string, unknown>): Answer => reviewed({ ...acceptedAs('shop', 'a'), ...change });
const user = (change: Record<string, unknown>) =>
  withStatus({ user: { ...(acceptedAs('shop', 'a')['user'] as object), ...change } });

const refused: readonly (readonly [
  title: string,
  authorization: string | undefined,
  answer: Answer | undefined,
  message: RegExp,
])[] = [
  ['no token', undefined, undefined, /there is no token; mount a projected/],
  ['an empty value', '', undefined, /no ServiceAccount token/],
  ['another scheme', 'Basic YTpi', undefined, /no ServiceAccount token/],
  ['garbage', 'Bearer garbage', undefined, /no ServiceAccount token/],
  ['three parts that are no JSON', 'Bearer YQ.YQ.YQ', undefined, /no ServiceAccount token/],
  ['20 KB', `Bearer ${'a'.repeat(20_000)}.b.c`, undefined, /no ServiceAccount token/],
  ['claims that are null', 'Bearer YQ.bnVsbA.YQ', undefined, /no ServiceAccount token/],
  [
    'a token of the API server',
    `Bearer ${makeToken({ aud: ['https://kubernetes.default.svc'] })}`,
    undefined,
    /for the audience .*kubernetes\.default/,
  ],
  ['a token without an audience', `Bearer ${makeToken({ aud: undefined })}`, undefined, /for the audience \[\]/],
  [
    'a token that is not accepted',
    `Bearer ${good}`,
    reviewed({ authenticated: false, error: 'token has expired' }),
    /does not accept the token: token has expired/,
  ],
  ['an answer without a status', `Bearer ${good}`, reviewed(undefined), /does not accept the token/],
  ['an answer for no audience', `Bearer ${good}`, withStatus({ audiences: [] }), /not for the audience/],
  ['an answer for another audience', `Bearer ${good}`, withStatus({ audiences: ['x'] }), /not for the audience/],
  ['a person', `Bearer ${good}`, user({ username: 'system:admin' }), /no ServiceAccount/],
  ['a strange name', `Bearer ${good}`, user({ username: 'system:serviceaccount:shop' }), /no ServiceAccount/],
  ['a token of no pod', `Bearer ${good}`, user({ extra: {} }), /not bound to a pod/],
  ['a token without extra', `Bearer ${good}`, user({ extra: undefined }), /not bound to a pod/],
];
for (const [title, authorization, answer, message] of refused) {
  test(`refused: ${title}`, async (t) => {
    const { connect, got, lines, server } = await setUp(t, answer ?? failure(500, 'NotToBeAsked'));
    const client = connect(authorization === undefined ? {} : { authorization });
    client.send(ask);
    const error = await client.ended;
    t.is(error?.code, status.UNAUTHENTICATED);
    t.regex(error?.details ?? '', message);
    t.is(got.length, answer === undefined ? 0 : 1);
    const line = lines.find((one) => one['message'] === 'Stream refused: it does not prove which pod it is');
    t.regex(String(line?.['reason']), message);
    t.false(JSON.stringify(lines).includes(good), 'no token in the log');
    for (let turn = 0; turn < 3000 && server.streams > 0; turn++) await sleep(10);
    t.is(server.streams, 0);
  });
}

test('a refused peer that comes again and again is one line in the log and one review', async (t) => {
  // However long it takes to come 20 times: a refusal is asked about again after some seconds.
  const startMs = Date.now();
  const { connect, got, lines } = await setUpAt(t, () => startMs, [reviewed({ authenticated: false })]);
  for (let turn = 0; turn < 20; turn++) {
    const client = connect(bearer(good));
    t.is((await client.ended)?.code, status.UNAUTHENTICATED);
  }
  t.is(lines.filter(({ message }) => /Stream refused/.test(String(message))).length, 1);
  t.is(got.length, 1);
});

test('streams with one token at one time are one review, and later ones none', async (t) => {
  const { connect, got } = await setUp(t, async (entry, response, request) => {
    await sleep(200);
    await believing(entry, response, request);
  });
  const token = tokenOf('shop');
  for (const count of [2, 1]) {
    const clients = Array.from({ length: count }, () => connect(bearer(token)));
    for (const client of clients) client.send(ask);
    for (const client of clients) t.is(protocolOf(await client.take()), 'opaque');
  }
  t.is(got.length, 1);
});

test('what a sidecar sends before its review is done is answered after it, and nothing before', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { connect, publish } = await setUp(t, async (entry, response, request) => {
    await gate.promise;
    await believing(entry, response, request);
  });
  const client = connect(bearer(tokenOf('shop')));
  const many = Array.from({ length: 3000 }, (_, index) => `10.0.${index >> 8}.${index & 255}:80`);
  client.send(ask);
  for (const name of many) client.send({ typeUrl, resourceNamesSubscribe: [name] });
  t.true(await client.isQuiet(200));
  publish({ routings: [makeRouting('http2'), makeRouting('http1', 'shop')] });
  gate.resolve();
  const seen = new Set<string>();
  let protocol: string | undefined;
  while (seen.size < 3001) {
    const response = await client.take();
    if (response.resources.length > 0) protocol = protocolOf(response);
    for (const name of [...response.removedResources, ...response.resources.map((one) => one.name)]) seen.add(name);
  }
  t.is(protocol, 'http1');
});

test('a sidecar that goes away during its review is forgotten', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { connect, server } = await setUp(t, async (entry, response, request) => {
    await gate.promise;
    await believing(entry, response, request);
  });
  const client = connect(bearer(tokenOf('shop')));
  client.send(ask);
  for (let turn = 0; turn < 3000 && server.streams === 0; turn++) await sleep(10);
  t.is(server.streams, 1);
  client.close();
  for (let turn = 0; turn < 3000 && server.streams > 0; turn++) await sleep(10);
  t.is(server.streams, 0);
  gate.resolve();
});

const away: readonly (readonly [title: string, answer: Answer, reason: RegExp])[] = [
  ['answers 500', failure(500, 'InternalError'), /500/],
  ['forbids reviews', failure(403, 'Forbidden'), /create tokenreviews/],
  ['answers nonsense', (_, response) => void response.writeHead(200).end('<html>'), /./],
  ['cuts the connection', (_, response) => void response.destroy(), /./],
];
for (const [title, answer, reason] of away) {
  test(`an API server that ${title} makes unknown sidecars wait, and serves known ones`, async (t) => {
    const { connect, lines } = await setUp(t, believing, answer);
    const known = tokenOf('shop');
    const first = connect(bearer(known));
    first.send(ask);
    t.is(protocolOf(await first.take()), 'opaque');
    const stranger = connect(bearer(tokenOf('shop', 'b')));
    stranger.send(ask);
    const error = await stranger.ended;
    t.is(error?.code, status.UNAVAILABLE);
    t.regex(error?.details ?? '', /try again/);
    const line = lines.find(({ message }) => /cannot be reviewed/.test(String(message)));
    t.regex(String(line?.['reason']), reason);
    const again = connect(bearer(known));
    again.send(ask);
    t.is(protocolOf(await again.take()), 'opaque');
  });
}

test('a token in its last minute is reviewed each time, and serves as before while the API server is away', async (t) => {
  const { connect, got } = await setUp(t, believing, failure(500, 'InternalError'));
  const short = tokenOf('shop', 'a', { exp: Math.floor(Date.now() / 1000) + 30 });
  for (let turn = 0; turn < 2; turn++) {
    const client = connect(bearer(short));
    client.send(ask);
    t.is(protocolOf(await client.take()), 'opaque');
  }
  t.is(got.length, 2, 'it was asked for each time');
});

test('one address cannot take all reviews', async (t) => {
  // A review that is not answered is given up after five seconds, and makes room.
  await undisturbed(t, 1000, async (round) => {
    const { connect } = await setUp(t, () => undefined);
    const clients = Array.from({ length: 17 }, (_, index) => connect(bearer(tokenOf('shop', `p${index}`))));
    const error = await Promise.race(clients.map((client) => client.ended));
    round.is(error?.code, status.UNAVAILABLE);
    round.regex(error?.details ?? '', /too many tokens/);
  });
});

test('a stream ends in good order when it is old, and the next one is served', async (t) => {
  const { api } = await startScripted(t, [believing]);
  const { connect, publish } = await startServer(t, (log) => ({
    identify: identifyByToken({ api, audience, log }),
    maximumStreamAgeMs: 4000,
  }));
  publish({ routings: [makeRouting('opaque', 'shop')] });
  for (let turn = 0; turn < 2; turn++) {
    const client = connect(bearer(tokenOf('shop')));
    client.send(ask);
    t.is(protocolOf(await client.take()), 'opaque');
    t.is(await client.ended, undefined);
  }
});

test('forged tokens of one address are not all reviewed, and a pod that is known is served meanwhile', async (t) => {
  const { connect, got } = await setUp(t, (entry, response, request) => {
    return (entry.body.includes('.Zm9yZ2Vk"') ? reviewed({ authenticated: false }) : believing)(
      entry,
      response,
      request,
    );
  });
  const token = tokenOf('shop');
  const known = connect(bearer(token));
  known.send(ask);
  await known.take();
  const startMs = performance.now();
  const ends = await Promise.all(
    Array.from({ length: 150 }, async (_, turn) => {
      const forged = makeToken({ namespace: 'shop', pod: `p${turn}` }).replace(/c2lnbmVk$/, 'Zm9yZ2Vk');
      const client = connect(bearer(forged));
      const end = await client.ended;
      client.close();
      return end?.code;
    }),
  );
  // 64 at once, then four a second; and the known one.
  const mayBe = 1 + 64 + (4 * (performance.now() - startMs)) / 1000 + 1;
  t.true(got.length <= mayBe, `${got.length} reviews, of at most ${mayBe}`);
  t.true(ends.includes(status.UNAVAILABLE) || mayBe > 150);
  const again = connect(bearer(token));
  again.send(ask);
  t.is(protocolOf(await again.take()), 'opaque');
});
