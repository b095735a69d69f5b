import test from 'ava';
import { capabilityNames } from '../../../routing/wire/capabilities.ts';
import { decodeInbound } from '../../../routing/wire/decode.ts';
import { inboundTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { startServer } from './fixture.ts';
import { bytesOf } from './read.ts';

const inbound = { ports: [{ port: 8080, protocol: 'opaque', declaredBy: ['shop/web:80'] }] } as const;
const pods = { '127.0.0.1': { namespace: 'shop', pod: 'web' } };
const node = { clientFeatures: [...capabilityNames] };

test('a sidecar is told what is declared of the ports of its own pod, and when that changes', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ inbound }, pods);
  const client = open();
  client.send({ typeUrl, node, resourceNamesSubscribe: ['shop/web'] });
  t.deepEqual(decodeInbound(bytesOf(await client.take())), { ok: true, value: inbound });
  publish({ inbound }, pods);
  t.true(await client.isQuiet(50));
  publish({ inbound: { ports: [] } }, pods);
  t.deepEqual(decodeInbound(bytesOf(await client.take())), { ok: true, value: { ports: [] } });
});

test('nobody is told what is declared of the ports of another pod', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ inbound }, pods);
  for (const name of ['shop/other', 'bank/web', 'web', '']) {
    const client = open();
    client.send({ typeUrl, node, resourceNamesSubscribe: [name] });
    t.deepEqual((await client.take()).removedResources, [name]);
  }
  publish({ inbound }, {});
  const nobody = open();
  nobody.send({ typeUrl, node, resourceNamesSubscribe: ['shop/web'] });
  t.deepEqual((await nobody.take()).removedResources, ['shop/web']);
});
