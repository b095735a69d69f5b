import test from 'ava';
import type { DeltaDiscoveryResponse } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { decodeEndpoints, decodeServiceRouting } from '../../../routing/wire/decode.ts';
import { endpointsTypeUrl, serviceRoutingTypeUrl } from '../../../routing/wire/typeUrls.ts';
import { makeEndpoints, makeRouting, startServer, webDestination, webEndpoints } from './fixture.ts';
import { addressesOf, bytesOf } from './read.ts';

const typeUrl = endpointsTypeUrl;

test('a subscribed resource is sent with a version and the revision of the snapshot', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ routings: [makeRouting('http1')], endpoints: [makeEndpoints('10.1.0.1')] });
  const client = open();
  client.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: [webDestination] });
  const routing = await client.take();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  const endpoints = await client.take();
  t.is(routing.typeUrl, serviceRoutingTypeUrl);
  t.deepEqual(decodeServiceRouting(bytesOf(routing)), { ok: true, value: makeRouting('http1').routing });
  t.deepEqual(decodeEndpoints(bytesOf(endpoints)), { ok: true, value: makeEndpoints('10.1.0.1') });
  t.regex(endpoints.resources[0]?.version ?? '', /^[\w-]{12}$/);
  t.regex(endpoints.systemVersionInfo, /^[\w-]{12}$/);
  t.is(endpoints.systemVersionInfo, routing.systemVersionInfo);
});

test('a change is sent to those who subscribed to it, and to nobody else', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const subscribed = open();
  const other = open();
  subscribed.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  other.send({ typeUrl, resourceNamesSubscribe: ['shop/other:80'] });
  await subscribed.take();
  t.deepEqual((await other.take()).removedResources, ['shop/other:80']);
  publish({ endpoints: [makeEndpoints('10.1.0.2')] });
  t.deepEqual(addressesOf(await subscribed.take()), ['10.1.0.2']);
  t.true(await other.isQuiet(50));
});

test('a snapshot that leaves a resource as it is sends nothing', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  await client.take();
  publish({ routings: [makeRouting('http1')], endpoints: [makeEndpoints('10.1.0.1')] });
  t.true(await client.isQuiet(50));
});

test('an unknown name is answered as removed at once, and sent when it appears, goes and comes back', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({});
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual((await client.take()).removedResources, [webEndpoints]);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.1']);
  publish({});
  t.deepEqual((await client.take()).removedResources, [webEndpoints]);
  publish({});
  t.true(await client.isQuiet(50), 'removed is said once');
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.1']);
});

test('an unsubscribed resource is not sent any more; subscribing again sends it again', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  await client.take();
  client.send({ typeUrl, resourceNamesUnsubscribe: [webEndpoints], resourceNamesSubscribe: ['shop/other:80'] });
  t.deepEqual((await client.take()).removedResources, ['shop/other:80']);
  publish({ endpoints: [makeEndpoints('10.1.0.2')] });
  t.true(await client.isQuiet(50));
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.2']);
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.2'], 'who asks again has lost it');
});

test('streams wait for the first snapshot: nothing is said to be removed before it', async (t) => {
  const { publish, connect: open } = await startServer(t);
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.true(await client.isQuiet(100));
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.1']);
});

test('a rejected resource is logged once and not sent again until it changes', async (t) => {
  const { publish, connect: open, lines } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  const { nonce } = await client.next();
  client.send({ typeUrl, responseNonce: nonce, errorDetail: { code: 3, message: 'endpoint 0: port is missing' } });
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  t.true(await client.isQuiet(50));
  publish({ endpoints: [makeEndpoints('10.1.0.2')] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.2']);
  const rejections = lines.filter((line) => String(line['message']).startsWith('Sidecar rejected'));
  t.is(rejections.length, 1);
  t.like(rejections[0], { resources: [webEndpoints], reason: 'endpoint 0: port is missing' });
});

test('after a reconnect only what changed is sent, and what is gone is removed', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')], routings: [makeRouting('http1')] });
  const first = open();
  first.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  const version = (await first.take()).resources[0]?.version ?? '';
  first.close();

  const same = open();
  const names = [webEndpoints, 'shop/gone:80'];
  const initialResourceVersions = { [webEndpoints]: version, 'shop/gone:80': 'old' };
  same.send({ typeUrl, resourceNamesSubscribe: names, initialResourceVersions });
  const answer = await same.take();
  t.deepEqual([answer.resources.length, answer.removedResources], [0, ['shop/gone:80']]);

  publish({ endpoints: [makeEndpoints('10.1.0.2')] });
  const changed = open();
  changed.send({
    typeUrl,
    resourceNamesSubscribe: [webEndpoints],
    initialResourceVersions: { [webEndpoints]: version },
  });
  t.deepEqual(addressesOf(await changed.take()), ['10.1.0.2']);
});

test('versions count in later requests too, but not for what this stream has sent', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const first = open();
  first.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  const version = (await first.take()).resources[0]?.version ?? '';
  first.close();

  const again = open();
  again.send({ typeUrl, resourceNamesSubscribe: ['shop/gone:80'], initialResourceVersions: { 'shop/gone:80': 'old' } });
  t.deepEqual((await again.take()).removedResources, ['shop/gone:80']);
  const initialResourceVersions = { [webEndpoints]: version };
  again.send({ typeUrl, resourceNamesSubscribe: [webEndpoints], initialResourceVersions });
  t.true(await again.isQuiet(50));
  publish({ endpoints: [makeEndpoints('10.1.0.2')] });
  t.deepEqual(addressesOf(await again.take()), ['10.1.0.2']);
  again.send({ typeUrl, resourceNamesSubscribe: [webEndpoints], initialResourceVersions });
  t.deepEqual(addressesOf(await again.take()), ['10.1.0.2'], 'who subscribes again has forgotten it');
});

test('while the snapshot is incomplete a client keeps what it brought; what this stream sent follows the snapshot', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ complete: false });
  const client = open();
  const names = [webEndpoints, 'shop/gone:80', 'shop/new:80'];
  const initialResourceVersions = { [webEndpoints]: 'old', 'shop/gone:80': 'old' };
  client.send({ typeUrl, resourceNamesSubscribe: names, initialResourceVersions });
  t.deepEqual((await client.take()).removedResources, ['shop/new:80'], 'it waits for an answer');
  publish({ complete: false });
  t.true(await client.isQuiet(50));
  publish({ endpoints: [makeEndpoints('10.1.0.2')], complete: false });
  t.true(await client.isQuiet(50), 'what is there may be only a part');
  publish({ endpoints: [makeEndpoints('10.1.0.2')] });
  const complete = await client.take();
  t.deepEqual(addressesOf(complete), ['10.1.0.2']);
  t.deepEqual(complete.removedResources, ['shop/gone:80']);
  publish({ endpoints: [makeEndpoints('10.1.0.3')], complete: false });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.3'], 'sent on this stream: changes go on');
  t.true(await client.isQuiet(50));
});

test('two agents give the same version and revision to the same content', async (t) => {
  const versions: unknown[] = [];
  for (const agent of [await startServer(t), await startServer(t)]) {
    agent.publish({ endpoints: [makeEndpoints('10.1.0.1')] });
    const client = agent.connect();
    client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
    const { resources, systemVersionInfo } = await client.take();
    versions.push([resources[0]?.version, systemVersionInfo]);
  }
  t.deepEqual(versions[0], versions[1]);
});

test('while an answer is missing only the latest value waits', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const slow = open();
  const quick = open();
  for (const client of [slow, quick]) client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  const unanswered = await slow.next();
  await quick.take();
  for (let last = 2; last <= 50; last += 1) {
    publish({ endpoints: [makeEndpoints(`10.1.0.${last}`)] });
    t.deepEqual(addressesOf(await quick.take()), [`10.1.0.${last}`], 'the quick one sees every change');
  }
  t.true(await slow.isQuiet(30));
  slow.ack(unanswered);
  t.deepEqual(addressesOf(await slow.take()), ['10.1.0.50']);
  t.true(await slow.isQuiet(30));
});

test('an answer that is missing for one type does not hold up the other', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')], routings: [makeRouting('http1')] });
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  await client.next();
  client.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: [webDestination] });
  t.is((await client.take()).resources[0]?.name, webDestination);
});

test('names beyond the size of one response follow in the next', async (t) => {
  const { publish, connect: open } = await startServer(t);
  const many = Array.from({ length: 300 }, (_, index) => ({
    name: `shop/many-${index}:80`,
    endpoints: Array.from({ length: 100 }, (_each, host) => ({
      address: `10.${index % 256}.1.${host}`,
      port: 8080,
      ready: true,
      serving: true,
      terminating: false,
      pod: `a-pod-with-a-rather-long-name-${host}`,
    })),
  }));
  publish({ endpoints: many });
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: many.map(({ name }) => name) });
  const seen = new Set<string>();
  let responses = 0;
  while (seen.size < many.length) {
    for (const { name } of (await client.take()).resources) seen.add(name);
    responses += 1;
  }
  t.true(responses > 1);
});

test('consumer routes go to the clients of their namespace, told by the address of their pod', async (t) => {
  const { publish, connect: open, lines } = await startServer(t);
  const routings = [makeRouting('http1'), makeRouting('opaque', 'client')];
  publish({ routings });
  const client = open();
  client.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: [webDestination] });
  t.is(protocolOf(await client.take()), 'http1', 'unknown at first');
  publish({ routings }, { '127.0.0.1': { namespace: 'client', pod: 'curl' } });
  t.is(protocolOf(await client.take()), 'opaque');
  publish({ routings }, { '127.0.0.1': { namespace: 'elsewhere', pod: 'curl' } });
  t.is(protocolOf(await client.take()), 'http1');
  const hints = lines.filter((line) => String(line['message']).startsWith('No Pod has'));
  t.is(hints.length, 1);
  t.regex(String(hints[0]?.['reason']), /no Pod has the address 127\.0\.0\.1; add the Pod/);
});

function protocolOf(response: DeltaDiscoveryResponse): string | undefined {
  const decoded = decodeServiceRouting(bytesOf(response));
  return decoded.ok ? decoded.value.protocol : undefined;
}
