import test from 'ava';
import { NodeZones } from '../../../agent/discovery/nodeZones.ts';
import { parseFile } from '../../../agent/files/parse.ts';
import { Store } from '../../../agent/store.ts';
import type { ServiceEndpoints } from '../../../agent/translate/result.ts';
import { decodeEndpoints } from '../../../routing/wire/decode.ts';
import { endpointsTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { makeEndpoints, startServer, webEndpoints } from './fixture.ts';
import { addressesOf, bytesOf } from './read.ts';

const [a, b] = ['10.1.0.1', '10.1.0.2'];
const placed = (zones: readonly string[]): ServiceEndpoints => ({
  name: webEndpoints,
  endpoints: [1, 2].map((number) => ({
    address: `10.1.0.${number}`,
    port: 8080,
    ready: true,
    serving: true,
    terminating: false,
    node: `n${number}`,
    zone: `z${number}`,
    zoneHints: [zones[number - 1] ?? ''],
  })),
});
const onNode = (node: string) => ({ '127.0.0.1': { namespace: 'shop', pod: 'client', node } });

test('a sidecar is sent the endpoints that its own place may use, and those of a new place when it turns out', async (t) => {
  const { publish, connect: open } = await startServer(t);
  const service = { name: webEndpoints, endpoints: placed(['', '']).endpoints, isLocal: true } as const;
  publish({ endpoints: [service] }, onNode('n1'));
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), [a]);
  publish({ endpoints: [service] }, onNode('n2'));
  t.deepEqual(addressesOf(await client.take()), [b]);
  publish({ endpoints: [service] });
  t.deepEqual(addressesOf(await client.take()), [a, b], 'nobody knows where it runs');
});

test('a zone counts when it is known, and hints count when they change', async (t) => {
  const { publish, connect: open } = await startServer(t);
  const endpoints = [placed(['z1', 'z2'])];
  publish({ endpoints }, onNode('n1'));
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), [a, b]);
  publish({ endpoints, zones: { n1: 'z1' } }, onNode('n1'));
  t.deepEqual(addressesOf(await client.take()), [a]);
  publish({ endpoints: [placed(['z2', 'z1'])], zones: { n1: 'z1' } }, onNode('n1'));
  t.deepEqual(addressesOf(await client.take()), [b]);
});

test('no sidecar is told where an endpoint runs, nor of endpoints that it cannot use', async (t) => {
  const { publish, connect: open } = await startServer(t);
  const unready = {
    ...makeEndpoints('10.1.0.3').endpoints[0],
    ready: false,
    serving: false,
  } as ServiceEndpoints['endpoints'][0];
  const { endpoints } = placed(['z1', 'z2']);
  publish({ endpoints: [{ name: webEndpoints, endpoints: [...endpoints, unready] }] });
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  const bytes = bytesOf(await client.take());
  t.deepEqual(decodeEndpoints(bytes), { ok: true, value: makeEndpoints(a, b) });
  t.notRegex(Buffer.from(bytes).toString('latin1'), /[nz][12]/);
  // A pod that comes up is none of its business before it is ready.
  publish({ endpoints: [{ name: webEndpoints, endpoints }] });
  t.true(await client.isQuiet(50));
});

const slice = (endpoints: string): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: agents-1 }
addressType: IPv4
ports: []
endpoints: [${endpoints}]`;

test('zones of nodes are learned from endpoints of whatever Service', (t) => {
  const zones = new NodeZones();
  const store = new Store();
  const take = (yaml: string): void => {
    const parsed = parseFile(yaml);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    for (const { object } of parsed.objects) store.apply({ type: 'applied', object });
    zones.update(store.objects.EndpointSlice, store.takeChanged().EndpointSlice);
  };
  take(slice('{ addresses: [10.1.0.1], nodeName: n1, zone: z1 }, { addresses: [10.1.0.2], nodeName: n2 }'));
  t.deepEqual([zones.get('n1'), zones.get('n2')], ['z1', undefined]);
  take(slice('{ addresses: [10.1.0.2], nodeName: n2, zone: z2 }'));
  t.deepEqual([zones.get('n1'), zones.get('n2')], ['z1', 'z2']);
});
