import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import test from 'ava';
import { pino } from 'pino';
import type { Identified } from '../../agent/discovery/identity.ts';
import { identifyByToken } from '../../agent/discovery/tokenIdentity.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import { startControlPlane } from './startControlPlane.ts';

const audience = 'heddle.dev/agent';

test('whose a token is, asked of a real API server', async (t) => {
  const plane = await startControlPlane();
  process.env['KUBECONFIG'] = plane.kubeconfig;
  const api = await connectApi();
  t.teardown(async () => {
    await api.close();
    await plane.close();
  });
  const post = (path: string, body: unknown): Promise<unknown> => api.request({ method: 'POST', path, body });
  const core = '/api/v1/namespaces';
  await post(core, { metadata: { name: 'shop' } });
  await post(`${core}/shop/serviceaccounts`, { metadata: { name: 'cart' } });
  const spec = { serviceAccountName: 'cart', containers: [{ name: 'app', image: 'app' }] };
  const pod = (await post(`${core}/shop/pods`, { metadata: { name: 'cart-1' }, spec })) as {
    metadata: { uid: string };
  };
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'cart-1', uid: pod.metadata.uid };

  const tokenFor = async (request: Record<string, unknown>): Promise<string> => {
    const made = await post(`${core}/shop/serviceaccounts/cart/token`, { spec: request });
    return `Bearer ${(made as { status: { token: string } }).status.token}`;
  };
  const makeIdentify = () => identifyByToken({ api, audience, log });
  const log = pino({ level: 'silent' });
  const identify = makeIdentify();
  const ask = (authorization: string, by = identify): Promise<Identified> =>
    Promise.resolve(by({ peer: '10.0.0.1', authorization, log }));
  const refused = async (authorization: string, message: RegExp, by = identify): Promise<void> => {
    const answer = await ask(authorization, by);
    t.like(answer, { ok: false, code: status.UNAUTHENTICATED });
    t.regex(answer.ok ? '' : answer.message, message);
  };

  const good = await tokenFor({ audiences: [audience], boundObjectRef });
  t.deepEqual(identityOf(await ask(good)), { namespace: 'shop', pod: 'cart-1' });
  await refused(await tokenFor({ audiences: [audience] }), /not bound to a pod/);
  await refused(await tokenFor({ audiences: ['other'], boundObjectRef }), /for the audience \["other"\]/);
  await refused(await tokenFor({ boundObjectRef }), /for the audience/);
  const [head = '', claims = '', signature = ''] = good.slice('Bearer '.length).split('.');
  const forged = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
  const changed = Buffer.from(JSON.stringify({ ...forged, sub: 'system:serviceaccount:other:cart' }));
  await refused(`Bearer ${head}.${changed.toString('base64url')}.${signature}`, /does not accept the token/);

  await plane.stopApiServer();
  t.deepEqual(identityOf(await ask(good)), { namespace: 'shop', pod: 'cart-1' });
  t.like(await ask(good, makeIdentify()), { ok: false, code: status.UNAVAILABLE });
  await plane.startApiServer();
  t.deepEqual(identityOf(await ask(good, makeIdentify())), { namespace: 'shop', pod: 'cart-1' });

  await api.request({ method: 'DELETE', path: `${core}/shop/pods/cart-1`, query: { gracePeriodSeconds: 0 } });
  // The API server itself remembers an accepted token for ten seconds.
  for (let tries = 0; tries < 40 && (await ask(good, makeIdentify())).ok; tries++) await sleep(500);
  await refused(good, /does not accept the token/, makeIdentify());
});

function identityOf(answer: Identified): unknown {
  return answer.ok ? answer.identityAmong(new Map()) : answer.message;
}
