import test from 'ava';
import { findNamespace } from '../../../commands/install/findInstalled.ts';
import { failure, json, startScripted } from '../../kubernetes/scripted.ts';

const webhook = { webhooks: [{ clientConfig: { service: { namespace: 'mesh' } } }] };

test('the mesh is where the webhook leads, also for who may read nothing else', async (t) => {
  const { api, got } = await startScripted(t, [json(200, webhook), failure(403, 'Forbidden')]);
  t.is(await findNamespace(api), 'mesh');
  t.is(got.length, 1, 'nothing else is asked');
});

test('where no webhook can be read it is where it usually is', async (t) => {
  for (const answer of [failure(403, 'Forbidden'), failure(404, 'NotFound'), json(200, { webhooks: [] })]) {
    const { api } = await startScripted(t, [answer]);
    t.is(await findNamespace(api), 'heddle-system');
  }
});
