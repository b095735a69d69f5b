import test, { type ExecutionContext } from 'ava';
import { type EventText, writeEvent } from '../../kubernetes/event.ts';
import { failure, json, startScripted } from './scripted.ts';

function textOf(name: string, id = 'one'): EventText {
  const regarding = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: 'u1', namespace: 'shop' };
  return {
    namespace: 'shop',
    regarding,
    type: 'Warning',
    reason: 'InjectionRefused',
    message: 'it cannot be done',
    component: 'heddle-injector',
    id,
    at: new Date('2026-01-02T03:04:05.678Z'),
  };
}

async function nameOf(t: ExecutionContext, text: EventText): Promise<string> {
  const { api, got } = await startScripted(t, [json(201, {})]);
  await writeEvent(api, text);
  t.is(got[0]?.url.pathname, '/api/v1/namespaces/shop/events');
  const body = JSON.parse(got[0]?.body ?? '') as { readonly metadata: { readonly name: string } };
  t.like(body, { involvedObject: text.regarding, firstTimestamp: '2026-01-02T03:04:05Z' });
  return body.metadata.name;
}

test('an Event has a name by what it is about and by its id', async (t) => {
  const name = await nameOf(t, textOf('cart'));
  t.regex(name, /^cart\.[\da-f]{16}$/);
  t.is(await nameOf(t, textOf('cart')), name);
  t.not(await nameOf(t, textOf('cart', 'two')), name);
});

for (const [title, name] of [
  ['a hyphen where the name is cut', `${'a'.repeat(199)}-${'b'.repeat(20)}`],
  ['dots there', `${'a'.repeat(195)}${'.'.repeat(5)}b`],
  ['a hyphen at the end of a name that is generated', 'cart-'],
] as const) {
  // See https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
  test(`the name of an Event is one that the API server takes: ${title}`, async (t) => {
    const made = await nameOf(t, textOf(name));
    t.regex(made, /^[\da-z](?:[\da-z-]*[\da-z])?(?:\.[\da-z](?:[\da-z-]*[\da-z])?)*$/);
    t.true(made.length <= 253);
  });
}

test('an Event that is there already is as good as written; another failure is the caller’s', async (t) => {
  const { api } = await startScripted(t, [failure(409, 'AlreadyExists'), failure(403, 'Forbidden')]);
  await t.notThrowsAsync(writeEvent(api, textOf('cart')));
  await t.throwsAsync(writeEvent(api, textOf('cart')), { name: 'ApiError' });
});
