import test from 'ava';
import { apply, kubectl } from './kubectl.ts';
import { eventually } from './process/progress.ts';
import { client, deploy, pod, service } from './support/app.ts';
import { type Answer, type Caller, startCaller } from './support/call.ts';
import { followSidecarLog } from './support/log.ts';
import { httpRoute, prefix, readRoute, setHeader, to } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

// The producer offers Service `shop` and tags its requests; namespaces one and two have routes of their own for it, the
// third has none. Each has a client.
const producer = useNamespace('route-producer');
const one = useNamespace('route-one');
const two = useNamespace('route-two');
const third = useNamespace('route-third');
const url = `http://shop.${producer}.svc.cluster.local`;
const clients = new Map<string, Caller>();

/** A rule that tags requests, and answers, with who made it. */
function tag(by: string, backend: object): object {
  const set = [{ name: 'x-by', value: by }];
  const filters = [setHeader('x-by', by), { type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }];
  return { filters, backendRefs: [backend] };
}

function grant(from: string) {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: { namespace: producer, name: `from-${from}` },
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: from }],
      to: [{ group: '', kind: 'Service', name: 'backroom' }],
    },
  };
}

const parent = { name: 'shop', namespace: producer };
const routeOfOne = httpRoute(one, 'shop', parent, [tag('one', to('shop', { namespace: producer }))]);
const routeOfTwo = httpRoute(two, 'shop', parent, [{ ...tag('two', to('own')), matches: [prefix('/two')] }]);

test.before(async () => {
  await deploy([
    ...[one, two, third, producer].map((namespace) => client(namespace)),
    pod(producer, 'shop'),
    service(producer, 'shop'),
    service(producer, 'backroom', { selector: { app: 'shop' } }),
    service(third, 'front', { selector: { app: 'none' } }),
    pod(two, 'own'),
    service(two, 'own'),
    httpRoute(producer, 'shop', 'shop', [tag('producer', to('shop'))]),
    routeOfOne,
    routeOfTwo,
    httpRoute(third, 'front', 'front', [tag('front', to('backroom', { namespace: producer }))]),
  ]);
  for (const namespace of [one, two, third, producer]) {
    clients.set(namespace, await startCaller(namespace, 'client'));
  }
});

test.after.always(() => {
  for (const caller of clients.values()) caller.close();
});

function ask(namespace: string, path: string): Promise<Answer> {
  return callerOf(namespace).call(`${url}${path}`);
}

function callerOf(namespace: string): Caller {
  const caller = clients.get(namespace);
  if (caller === undefined) throw new Error(`No client in ${namespace}`);
  return caller;
}

const by = (answer: Answer): string | undefined => answer.headers['x-by'];

test.serial('each namespace gets its own route, where it has one, else the producer’s', async (t) => {
  for (const [namespace, name] of [
    [one, 'one'],
    [third, 'producer'],
    [producer, 'producer'],
  ] as const) {
    const answer = await ask(namespace, '/two');
    t.like(answer, { status: 200, headers: { 'x-by': name }, seen: { pod: 'shop', path: '/two' } });
    // Only the one route touched it.
    t.is(answer.seen?.headers['x-by'], name);
  }
  t.like(await ask(two, '/two/x'), { status: 200, seen: { pod: 'own', path: '/two/x', headers: { 'x-by': 'two' } } });
});

test.serial('a consumer’s routes replace the producer’s whole: what they do not match is answered 404', async (t) => {
  const log = await followSidecarLog(two, 'client');
  t.teardown(() => log.close());
  const answer = await ask(two, '/other');
  t.is(answer.status, 404);
  t.like(await log.find({ path: '/other' }), { flags: 'NR', service: `${producer}/shop:80`, route: undefined });
});

test.serial('the log names the consumer’s route and the producer’s Service', async (t) => {
  const log = await followSidecarLog(one, 'client');
  t.teardown(() => log.close());
  await ask(one, '/logged');
  t.like(await log.find({ path: '/logged' }), {
    service: `${producer}/shop:80`,
    route: `HTTPRoute ${one}/shop`,
    backend: `${producer}/shop:80`,
    pod: 'shop',
  });
});

test.serial('neither parent nor the same Service as backend needs a ReferenceGrant', async (t) => {
  const { parents } = await eventually(
    'a status',
    () => readRoute(one, 'shop'),
    (route) => route.parents.length > 0,
  );
  t.deepEqual(parents[0]?.parentRef, { group: '', kind: 'Service', ...parent });
  t.deepEqual(
    parents[0]?.conditions.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['Accepted', 'True', 'Accepted'],
      ['ResolvedRefs', 'True', 'ResolvedRefs'],
    ],
  );
});

/** The first answer to a client of `one` that is not by the route it was by. */
function changesFrom(name: string): Promise<Answer> {
  const changed = (answer: Answer): boolean => by(answer) !== name;
  return eventually(`an answer not by ${name}`, () => ask(one, '/live'), changed);
}

test.serial('a consumer route that goes gives way to the producer’s, one that comes back rules again', async (t) => {
  for (let turn = 0; turn < 3; turn += 1) {
    await kubectl('-n', one, 'delete', 'httproute', 'shop');
    t.is(by(await changesFrom('one')), 'producer');
    t.is(by(await ask(third, '/live')), 'producer');
    await apply([routeOfOne]);
    t.is(by(await changesFrom('producer')), 'one');
  }
  await kubectl('-n', two, 'delete', 'httproute', 'shop');
  const answer = await eventually(
    'the route of two gone',
    () => ask(two, '/other'),
    ({ status }) => status !== 404,
  );
  t.like(answer, { status: 200, headers: { 'x-by': 'producer' }, seen: { pod: 'shop' } });
});

test.serial('a producer route that goes does not change what consumers get', async (t) => {
  await kubectl('-n', producer, 'delete', 'httproute', 'shop');
  const plain = await eventually(
    'the route gone',
    () => ask(third, '/plain'),
    (answer) => by(answer) !== 'producer',
  );
  t.like(plain, { status: 200, headers: { 'x-by': undefined } });
  t.is(by(await ask(one, '/plain')), 'one');
});

test.serial('a ReferenceGrant opens a backend of another namespace, and closes it when it goes', async (t) => {
  const log = await followSidecarLog(third, 'client');
  t.teardown(() => log.close());
  const front = (path: string): Promise<Answer> => callerOf(third).call(`http://front${path}`);
  const stands = (status: string) =>
    eventually(
      `${status} in the status`,
      () => readRoute(third, 'front'),
      ({ parents }) => parents[0]?.conditions[1]?.status === status,
    );
  for (let turn = 0; turn < 2; turn += 1) {
    const closed = await eventually(
      'a refusal',
      () => front(`/closed${turn}`),
      ({ status }) => status !== 200,
    );
    t.is(closed.status, 500);
    t.regex(
      closed.text,
      new RegExp(`RefNotPermitted: Service ${producer}/backroom .*create a ReferenceGrant in namespace ${producer}`),
    );
    t.is((await log.find({ path: `/closed${turn}`, status: 500 })).flags, 'NC');
    const refused = (await stands('False')).parents[0]?.conditions;
    t.like(refused?.[0], { type: 'Accepted', status: 'True', reason: 'Accepted' });
    t.like(refused?.[1], { type: 'ResolvedRefs', reason: 'RefNotPermitted' });
    t.regex(refused?.[1]?.message ?? '', /create a ReferenceGrant in namespace/);

    // A grant to others, or of another Service, opens nothing.
    await apply([grant(one)]);
    await apply([grant(third)]);
    const open = await eventually(
      'an answer',
      () => front('/open'),
      ({ status }) => status === 200,
    );
    t.like(open, { seen: { pod: 'shop', headers: { 'x-by': 'front' } } });
    t.like((await stands('True')).parents[0]?.conditions[1], { reason: 'ResolvedRefs' });
    await kubectl('-n', producer, 'delete', 'referencegrant', `from-${third}`);
  }
  t.is(
    (
      await eventually(
        'a refusal',
        () => front('/end'),
        ({ status }) => status !== 200,
      )
    ).status,
    500,
  );
  t.is((await stands('False')).parents[0]?.conditions[1]?.reason, 'RefNotPermitted');
});
