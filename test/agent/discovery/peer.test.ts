import test from 'ava';
import { capabilityNames } from '../../../routing/wire/capabilities.ts';
import { decodePeer } from '../../../routing/wire/decode.ts';
import { peerTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { startServer } from './fixture.ts';
import { bytesOf } from './read.ts';

const pods = { '127.0.0.1': { namespace: 'shop', pod: 'web' } };
const node = { clientFeatures: [...capabilityNames] };
const client1 = { namespace: 'shop', pod: 'client-1' };
const client2 = { namespace: 'bank', pod: 'client-2' };

test('a sidecar that asks is told whose an address is, and when it is another one, or nobody', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ peers: { '10.1.0.1': client1, '10.1.0.2': client2 } }, pods);
  const client = open();
  client.send({ typeUrl, node, resourceNamesSubscribe: ['10.1.0.1'] });
  t.deepEqual(decodePeer(bytesOf(await client.take())), { ok: true, value: client1 });
  publish({ peers: { '10.1.0.1': client1 } }, pods);
  t.true(await client.isQuiet(50), 'of what it has not asked for it hears nothing');
  publish({ peers: { '10.1.0.1': client2 } }, pods);
  t.deepEqual(decodePeer(bytesOf(await client.take())), { ok: true, value: client2 });
  publish({}, pods);
  t.deepEqual((await client.take()).removedResources, ['10.1.0.1']);
});

test('what is no address of a pod, and who nobody knows, is told nothing', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ peers: { '10.1.0.1': client1 } }, pods);
  for (const name of ['10.1.0.3', 'shop/client-1', '', '__proto__']) {
    const client = open();
    client.send({ typeUrl, node, resourceNamesSubscribe: [name] });
    t.deepEqual((await client.take()).removedResources, [name]);
  }
  publish({ peers: { '10.1.0.1': client1 } }, {});
  const nobody = open();
  nobody.send({ typeUrl, node, resourceNamesSubscribe: ['10.1.0.1'] });
  t.deepEqual((await nobody.take()).removedResources, ['10.1.0.1']);
});
