import test, { type ExecutionContext } from 'ava';
import { TrustedNamespaces } from '../../../injector/trust/namespaces.ts';
import { createLog } from '../../../runtime/log.ts';
import { type Answer, failure, type Got, startScripted } from '../../kubernetes/scripted.ts';

const log = createLog('test', 'fatal', {
  write: () => undefined,
  writeAscii: () => undefined,
  flushSync: () => undefined,
});

type ConfigMap = { readonly metadata: Readonly<Record<string, unknown>>; readonly data: { readonly 'ca.crt': string } };

/** A cluster with these namespaces, as far as their ConfigMaps go. */
async function start(t: ExecutionContext, cluster: { labelled?: string[]; optedIn?: string[]; refusing?: string[] }) {
  const { labelled = [], optedIn = [], refusing = [] } = cluster;
  const maps = new Map<string, ConfigMap>();
  const { api, got } = await startScripted(t, [
    (request, response, incoming) => {
      const { method, url, body } = request;
      const [, namespace = ''] = /^\/api\/v1\/namespaces\/([^/]+)\/configmaps/.exec(url.pathname) ?? [];
      const send = (value: unknown): void => void response.writeHead(200).end(JSON.stringify(value));
      if (url.pathname === '/api/v1/namespaces') {
        return send({ items: labelled.map((name) => ({ metadata: { name }, status: {} })) });
      }
      if (url.pathname === '/api/v1/pods') {
        return send({ items: optedIn.map((name) => ({ metadata: { namespace: name } })) });
      }
      if (url.pathname === '/api/v1/configmaps') {
        return send({
          items: [...maps].map(([name, map]) =>
            Object.assign({}, map, { metadata: Object.assign({ namespace: name }, map.metadata) }),
          ),
        });
      }
      const refuse = failure(403, 'Forbidden', 'exceeded quota: count/configmaps');
      if (method !== 'GET' && refusing.includes(namespace)) return refuse(request, response, incoming);
      if (method !== 'GET') maps.set(namespace, JSON.parse(body) as ConfigMap);
      const found = maps.get(namespace);
      return found === undefined ? failure(404, 'NotFound')(request, response, incoming) : send(found);
    },
  ] satisfies readonly Answer[]);
  let at = 0;
  const namespaces = new TrustedNamespaces({ api, log, now: () => at });
  const round = async (bundle = 'A'): Promise<unknown> => {
    const seen = await namespaces.look();
    return namespaces.reconcile(seen, bundle).catch((error: unknown) => error);
  };
  const since = (mark: number): readonly Got[] => got.slice(mark);
  return {
    namespaces,
    maps,
    round,
    got,
    since,
    pass: (ms: number) => void (at += ms),
    cluster: { labelled, optedIn, refusing },
  };
}

const isListOfAll = ({ url }: Got): boolean => url.pathname === '/api/v1/configmaps';
const isWrite = ({ method }: Got): boolean => method !== 'GET';

test('every labelled namespace and every one with pods that opted in has its ConfigMap, which nobody owns', async (t) => {
  const { maps, round } = await start(t, { labelled: ['shop'], optedIn: ['alone'] });
  t.is(await round(), 'done');
  t.deepEqual([...maps.keys()].toSorted(), ['alone', 'shop']);
  for (const { metadata, data } of maps.values()) {
    t.is(data['ca.crt'], 'A');
    t.is(metadata['ownerReferences'], undefined);
  }
});

test('a ConfigMap that is deleted or changed where only pods opt in comes back within a minute', async (t) => {
  const { maps, round, pass } = await start(t, { optedIn: ['alone'] });
  await round();
  maps.delete('alone');
  pass(61_000);
  await round();
  t.is(maps.get('alone')?.data['ca.crt'], 'A');
  maps.set('alone', { metadata: {}, data: { 'ca.crt': 'other' } });
  pass(61_000);
  await round();
  t.is(maps.get('alone')?.data['ca.crt'], 'A');
});

test('one that could not be written for a pod that opted in is written later', async (t) => {
  const { namespaces, maps, round, pass, cluster } = await start(t, { refusing: ['alone'] });
  await round();
  await namespaces.ensure('alone');
  t.is(maps.size, 0);
  cluster.refusing.pop();
  pass(11_000);
  await round();
  t.is(maps.get('alone')?.data['ca.crt'], 'A');
});

test('an owner that an earlier version set is taken off: it would take the CA along', async (t) => {
  const { maps, round } = await start(t, { labelled: ['shop'] });
  maps.set('shop', { metadata: { ownerReferences: [{ name: 'heddle-injector' }] }, data: { 'ca.crt': 'A' } });
  await round();
  t.is(maps.get('shop')?.metadata['ownerReferences'], undefined);
});

test('a namespace that refuses makes nobody list everything, is asked ever more seldom, and is told', async (t) => {
  const { round, pass, got, since, maps, cluster } = await start(t, { labelled: ['shop', 'full'], refusing: ['full'] });
  t.regex(String(await round()), /exceeded quota/);
  t.deepEqual([...maps.keys()], ['shop']);
  const mark = got.length;
  for (let count = 0; count < 19; count++) {
    pass(3000);
    t.regex(String(await round()), /exceeded quota/);
  }
  t.is(since(mark).filter(isListOfAll).length, 0);
  // After 10, 20 and 40 seconds.
  t.true(since(mark).filter(isWrite).length <= 3, `${since(mark).filter(isWrite).length} attempts`);
  cluster.refusing.pop();
  for (let count = 0; count < 30; count++) {
    pass(3000);
    await round();
  }
  t.deepEqual([...maps.keys()].toSorted(), ['full', 'shop']);
  t.is(await round(), 'done');
});

test('a new label costs one read and one write', async (t) => {
  const { round, pass, got, since, cluster } = await start(t, { labelled: ['shop'] });
  await round();
  cluster.labelled.push('bank');
  pass(3000);
  const mark = got.length;
  await round();
  const asked = since(mark).map(({ method, url }) => `${method} ${url.pathname}`);
  t.deepEqual(asked, [
    'GET /api/v1/namespaces',
    'GET /api/v1/namespaces/bank/configmaps/heddle-ca',
    'POST /api/v1/namespaces/bank/configmaps',
  ]);
});

test('another bundle is written everywhere at once', async (t) => {
  const { round, pass, maps } = await start(t, { labelled: ['shop'], optedIn: ['alone'] });
  await round();
  pass(3000);
  t.is(await round('B'), 'again');
  t.is(await round('B'), 'done');
  t.deepEqual(new Set([...maps.values()].map(({ data }) => data['ca.crt'])), new Set(['B']));
});
