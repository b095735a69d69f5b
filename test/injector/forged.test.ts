import test, { type ExecutionContext } from 'ava';
import { admit } from '../../injector/admit.ts';
import { createConfirmation } from '../../injector/confirm.ts';
import { createEvents } from '../../injector/events.ts';
import { createNamespaceReader } from '../../injector/namespaces.ts';
import { keyOf, type Subject, tellOf } from '../../injector/tellOf.ts';
import { createLog } from '../../runtime/log.ts';
import { failure, type Got, startScripted } from '../kubernetes/scripted.ts';
import { injection, reviewOf } from './reviews.ts';

const log = createLog('test', 'fatal', {
  write: () => undefined,
  writeAscii: () => undefined,
  flushSync: () => undefined,
});

type Objects = Readonly<Record<string, unknown>>;

/** An injector's admission with an API server that has these objects, by path. */
async function start(t: ExecutionContext, objects: Objects) {
  const written: Got[] = [];
  const { api, got } = await startScripted(t, [
    (request, response) => {
      if (request.method !== 'GET') written.push(request);
      const object = objects[request.url.pathname];
      if (object !== undefined || request.method !== 'GET') {
        response.writeHead(request.method === 'GET' ? 200 : 201).end(JSON.stringify(object ?? {}));
      } else void failure(404, 'NotFound')(request, response, {} as never);
    },
  ]);
  const stopping = new AbortController();
  t.teardown(() => stopping.abort());
  const ensured: string[] = [];
  const readNamespace = createNamespaceReader({ api, now: Date.now });
  const events = createEvents({ api, log, now: Date.now });
  let told: Promise<unknown> = Promise.resolve();
  const effects = {
    readNamespace,
    ensureTrustBundle: createConfirmation({
      api,
      readNamespace,
      signal: stopping.signal,
      ensure: async (namespace) => void ensured.push(namespace),
    }),
    reportEvent(subject: Subject) {
      const find = tellOf(subject, { api, injection, readNamespace });
      told = find;
      events.report(keyOf(subject), () => find);
    },
    agentIp: () => undefined,
  };
  const send = async (pod: unknown, request: object = {}) => {
    const { body } = await admit(reviewOf(pod, { ...request }), { injection, effects, log });
    await told;
    return body as { readonly response: { readonly allowed: boolean; readonly warnings?: readonly string[] } };
  };
  return { send, got, written, ensured };
}

const container = { name: 'app', image: 'app:1' };
const namespace = (labels: object, annotations: object = {}) => ({ metadata: { name: 'shop', labels, annotations } });
const shop = '/api/v1/namespaces/shop';
const enabled = { 'heddle.dev/inject': 'enabled' };
const replicaSet = '/apis/apps/v1/namespaces/shop/replicasets/web-1';
const owned = (spec: object) => ({
  metadata: {
    generateName: 'web-1-',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'forged', controller: true }],
  },
  spec: { containers: [container], ...spec },
});
const template = (spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web-1', uid: '1-2-3' },
  spec: { template: { metadata: { labels: {} }, spec: { containers: [container], ...spec } } },
});
const eventually = async (isSo: () => boolean): Promise<void> => {
  for (const end = Date.now() + 60_000; !isSo() && Date.now() < end;) await new Promise((done) => setTimeout(done, 20));
};
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a namespace with the label gets its ConfigMap before the pod is admitted', async (t) => {
  const { send, ensured } = await start(t, { [shop]: namespace(enabled) });
  await send({ metadata: { name: 'web' }, spec: { containers: [container] } });
  t.deepEqual(ensured, ['shop']);
});

test('a namespace without it gets one when the pod is found there', async (t) => {
  const pods = `${shop}/pods`;
  const { send, ensured, got } = await start(t, { [shop]: namespace({}), [pods]: { items: [{ metadata: {} }] } });
  await send({ metadata: { name: 'web', labels: enabled }, spec: { containers: [container] } });
  await eventually(() => ensured.length > 0);
  t.deepEqual(ensured, ['shop']);
  const asked = got.find(({ url }) => url.pathname === pods)?.url.searchParams;
  t.is(asked?.get('labelSelector'), 'heddle.dev/sidecar=injected');
  t.is(asked?.get('limit'), '1');
});

for (const [title, name] of [
  ['a namespace without pods of the mesh', 'shop'],
  ['a namespace that is not there', 'nowhere'],
  ['a path in place of a namespace', 'shop/secrets/x?'],
  ['a path upwards', '../../apis'],
  ['no namespace', ''],
] as const) {
  test(`a forged review for ${title} makes nothing be written`, async (t) => {
    const { send, ensured, written, got } = await start(t, { [shop]: namespace({}), [`${shop}/pods`]: { items: [] } });
    const { response } = await send(
      { metadata: { name: 'web' }, spec: { containers: [container] } },
      { namespace: name },
    );
    t.true(response.allowed);
    await send(owned({ hostNetwork: true }), { namespace: name });
    await wait(900);
    t.deepEqual([ensured, written.length], [[], 0]);
    t.true(
      got.every(({ url }) => /^\/api\/v1\/namespaces\/(?:shop|nowhere)(?:\/pods)?$|\/replicasets\//.test(url.pathname)),
    );
  });
}

test('an Event says what the template of the owner says, whatever the review said', async (t) => {
  const objects = { [shop]: namespace(enabled), [replicaSet]: template({ hostNetwork: true }) };
  const { send, written } = await start(t, objects);
  await send(owned({ containers: [{ name: 'BUY NOW at evil.example', securityContext: { runAsUser: 1337 } }] }));
  await eventually(() => written.length > 0);
  t.is(written.length, 1);
  const event = JSON.parse(written[0]?.body ?? '') as { involvedObject: object; reason: string; message: string };
  t.is(written[0]?.url.pathname, `${shop}/events`);
  t.like(event.involvedObject, { kind: 'ReplicaSet', name: 'web-1', uid: '1-2-3' });
  t.is(event.reason, 'NotInjected');
  t.regex(event.message, /hostNetwork/);
  t.notRegex(written[0]?.body ?? '', /evil|forged/);
});

test('an owner whose template is well, or that is not there, gets no Event', async (t) => {
  const { send, written } = await start(t, { [shop]: namespace(enabled), [replicaSet]: template({}) });
  await send(owned({ hostNetwork: true }));
  await send({ metadata: { name: 'gone' }, spec: { containers: [container], hostNetwork: true } });
  await wait(200);
  t.is(written.length, 0);
});

test('a pod of its own has the Event itself once it is stored', async (t) => {
  const metadata = { name: 'web', uid: '7', annotations: { 'heddle.dev/skip-inbound-port': '80' } };
  const pod = { metadata, spec: { containers: [container] } };
  const { send, written } = await start(t, { [shop]: namespace(enabled), [`${shop}/pods/web`]: pod });
  const { response } = await send(pod);
  t.regex(response.warnings?.[0] ?? '', /did you mean the annotation heddle\.dev\/skip-inbound-ports/);
  await eventually(() => written.length > 0);
  t.like(JSON.parse(written[0]?.body ?? ''), {
    reason: 'UnknownKey',
    involvedObject: { kind: 'Pod', name: 'web', uid: '7' },
  });
});

test('a pod outside the mesh with the annotation in place of the label has an Event', async (t) => {
  const pod = { metadata: { name: 'web', annotations: enabled }, spec: { containers: [container], hostNetwork: true } };
  const { send, written } = await start(t, { [shop]: namespace({}), [`${shop}/pods/web`]: pod });
  await send(pod);
  await eventually(() => written.length > 0);
  t.regex(written[0]?.body ?? '', /"UnknownKey".*write it as label heddle\.dev\/inject/);
});

test('what a namespace says of its pods holds for them, and is refused with its name where it is wrong', async (t) => {
  const { send } = await start(t, { [shop]: namespace(enabled, { 'heddle.dev/connect-timeout': '1m30s' }) });
  const { response } = await send({ metadata: { name: 'web' }, spec: { containers: [container] } });
  const { patch } = response as unknown as { readonly patch: string };
  t.regex(Buffer.from(patch, 'base64').toString(), /"HEDDLE_CONNECT_TIMEOUT_MS","value":"90000"/);
  const wrong = await start(t, { [shop]: namespace(enabled, { 'heddle.dev/connect-timeout': 'soon' }) });
  const answer = await wrong.send({ metadata: { name: 'web' }, spec: { containers: [container] } });
  t.false(answer.response.allowed);
  t.regex(JSON.stringify(answer), /annotation heddle\.dev\/connect-timeout of namespace shop/);
});
