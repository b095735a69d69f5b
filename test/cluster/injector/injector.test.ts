import test from 'ava';
import { reconcileAuthorities } from '../../../injector/certificates/reconcileAuthorities.ts';
import type { Api } from '../../../kubernetes/api.ts';
import { isApiStatus } from '../../../kubernetes/api.ts';
import { connectApi } from '../../../kubernetes/connect.ts';
import { createLog } from '../../../runtime/log.ts';
import { waitUntil } from '../process/progress.ts';
import { startControlPlane } from '../startControlPlane.ts';
import { startInjectors } from './injectors.ts';

type Pod = {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly initContainers?: readonly {
      readonly name: string;
      readonly env?: readonly { readonly name: string; readonly value?: string }[];
    }[];
    readonly containers: readonly {
      readonly livenessProbe?: { readonly httpGet?: object };
      readonly readinessProbe?: { readonly httpGet?: { readonly httpHeaders?: readonly object[] } };
    }[];
    readonly volumes?: readonly { readonly name: string }[];
  };
};
type Data = {
  readonly data: Readonly<Record<string, string>>;
  readonly metadata: { readonly ownerReferences?: readonly object[] };
};

const container = { name: 'app', image: 'app:1' };

async function create(
  api: Api,
  namespace: string,
  pod: { readonly metadata?: object; readonly spec?: object },
  dryRun?: 'All',
): Promise<Pod> {
  const body = {
    metadata: { generateName: 'web-', ...pod.metadata },
    spec: { serviceAccountName: 'default', containers: [container], ...pod.spec },
  };
  return (await api.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { dryRun },
    body,
  })) as Pod;
}

async function createReplicaSet(api: Api, spec: object): Promise<{ readonly uid: string }> {
  const labels = { app: 'web' };
  const body = {
    metadata: { name: 'web-1' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  const path = '/apis/apps/v1/namespaces/shop/replicasets';
  const { metadata } = (await api.request({ method: 'POST', path, body })) as { readonly metadata: { uid: string } };
  return metadata;
}

async function read(api: Api, path: string): Promise<Data | undefined> {
  try {
    return (await api.request({ path })) as Data;
  } catch (error) {
    if (isApiStatus(error, 404)) return undefined;
    throw error;
  }
}

const caSecret = '/api/v1/namespaces/heddle-system/secrets/heddle-ca';
const agentSecret = '/api/v1/namespaces/heddle-system/secrets/heddle-agent-tls';
const mapIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps/heddle-ca`;
const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/heddle-injector';

async function caBundles(api: Api): Promise<string[]> {
  const { webhooks: all } = (await api.request({ path: webhooks })) as {
    webhooks: { clientConfig: { caBundle?: string } }[];
  };
  return all.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
}

test.serial('two replicas agree on one CA, inject each pod once, and keep in place what must be trusted', async (t) => {
  const { api, replicas } = await startInjectors(t);
  const secret = await read(api, caSecret);
  const bundle = Buffer.from(secret?.data['ca.crt'] ?? '', 'base64').toString();
  t.is(bundle.match(/BEGIN CERTIFICATE/g)?.length, 1);
  t.deepEqual(await caBundles(api), [bundle, bundle]);
  const agentTls = await read(api, agentSecret);
  t.is(Buffer.from(agentTls?.data['ca.crt'] ?? '', 'base64').toString(), bundle);

  const livenessProbe = { tcpSocket: { port: 8080 } };
  const readinessProbe = { httpGet: { path: '/', port: 8080 } };
  const pod = await create(api, 'shop', {
    spec: {
      containers: [{ ...container, livenessProbe, readinessProbe }],
      initContainers: [{ name: 'migrate', image: 'm:1' }],
    },
  });
  t.deepEqual(
    pod.spec.initContainers?.map(({ name }) => name),
    ['heddle-init', 'heddle-sidecar', 'migrate'],
  );
  t.is(pod.spec.volumes?.filter(({ name }) => name === 'heddle-trust').length, 1);
  t.is(pod.metadata.annotations?.['heddle.dev/injected'], '9.9.9');
  t.like(pod.spec.containers[0]?.livenessProbe?.httpGet, { path: '/probe/tcp/8080', port: 15_021, scheme: 'HTTP' });
  const token = pod.spec.initContainers?.[1]?.env?.find(({ name }) => name === 'HEDDLE_PROBE_TOKEN')?.value;
  t.regex(token ?? '', /^[\da-f]{32}$/);
  t.deepEqual(pod.spec.containers[0]?.readinessProbe?.httpGet?.httpHeaders, [{ name: 'heddle-probe', value: token }]);
  await waitUntil('both logs', 60_000, async () => replicas.every(({ output }) => output().includes('"Pod reviewed"')));
  // One of them found the other's work, whatever the API server had made of it.
  t.is(replicas.filter(({ output }) => output().includes('"result":"injected"')).length, 1);
  t.is(replicas.filter(({ output }) => output().includes('"result":"unchanged"')).length, 1);

  const alone = await create(api, 'shop', { spec: { dnsPolicy: 'Default' } });
  t.is(
    alone.spec.initContainers?.[1]?.env?.find(({ name }) => name === 'HEDDLE_AGENT_ADDRESS')?.value,
    '10.96.0.77:15010',
  );

  await waitUntil('ConfigMap in shop', 60_000, async () => (await read(api, mapIn('shop')))?.data['ca.crt'] === bundle);
  // Nobody's: what takes the webhook away leaves sidecars that run what they trust.
  t.is((await read(api, mapIn('shop')))?.metadata.ownerReferences, undefined);
  t.is(await read(api, mapIn('plain')), undefined);
  await create(api, 'plain', {});
  await waitUntil('ConfigMap in plain', 60_000, async () => {
    return (await read(api, mapIn('plain')))?.data['ca.crt'] === bundle;
  });
  await create(api, 'third', {}, 'All');
  t.is(await read(api, mapIn('third')), undefined);

  // As after a namespace was deleted and made anew: its next pod finds the ConfigMap again.
  await api.request({ method: 'DELETE', path: mapIn('plain') });
  await waitUntil('ConfigMap in plain', 60_000, async () => {
    await create(api, 'plain', {});
    return (await read(api, mapIn('plain')))?.data['ca.crt'] === bundle;
  });

  await removeCaBundles(api);
  const began = Date.now();
  await waitUntil('caBundle', 60_000, async () => (await caBundles(api)).every((one) => one === bundle));
  t.log(`caBundle was written again after ${Date.now() - began} ms`);

  const broken = { data: { 'tls.key': Buffer.from('broken').toString('base64') } };
  await api.request({ method: 'PATCH', path: caSecret, contentType: 'application/merge-patch+json', body: broken });
  await waitUntil(
    'the CA',
    60_000,
    async () => (await read(api, caSecret))?.data['tls.key'] === secret?.data['tls.key'],
  );
  await api.request({ method: 'DELETE', path: caSecret });
  await waitUntil(
    'the CA',
    60_000,
    async () => (await read(api, caSecret))?.data['tls.key'] === secret?.data['tls.key'],
  );
  t.true(replicas.some(({ output }) => output().includes('"The Secret of the CA is unusable"')));
  await create(api, 'shop', {});

  await t.throwsAsync(create(api, 'shop', { metadata: { annotations: { 'heddle.dev/opaque-ports': 'x' } } }), {
    message: /denied the request: heddle: annotation heddle\.dev\/opaque-ports: "x" is wrong; write ports/,
  });
  const user = { securityContext: { runAsUser: 1337 } };
  const { uid } = await createReplicaSet(api, { containers: [container], ...user });
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid, controller: true }];
  await t.throwsAsync(create(api, 'shop', { metadata: { ownerReferences }, spec: user }), { message: /user 1337/ });
  await create(api, 'shop', { metadata: { name: 'hosted' }, spec: { hostNetwork: true } });
  await waitUntil('Events', 60_000, async () => (await events(api)).length >= 2);
  const seen = await events(api);
  t.like(
    seen.find(({ message }) => message.includes('user 1337')),
    { reason: 'InjectionRefused', involvedObject: { kind: 'ReplicaSet', name: 'web-1' } },
  );
  t.like(
    seen.find(({ message }) => message.includes('hostNetwork')),
    { reason: 'NotInjected', involvedObject: { kind: 'Pod', name: 'hosted' } },
  );

  t.is(await replicas[0]?.end('SIGTERM'), 0);
});

test.serial('an API server that is away is one line of the log, and another when it is back', async (t) => {
  const { plane, api, replicas } = await startInjectors(t, { HEDDLE_TRUST_POLL_MS: '300' });
  const marks = replicas.map(({ output }) => output().length);
  await plane.stopApiServer();
  await new Promise((resolve) => setTimeout(resolve, 6000));
  await plane.startApiServer();
  for (const [index, { output }] of replicas.entries()) {
    const since = (): string[] => output().slice(marks[index]).split('\n');
    await waitUntil('the info line', 60_000, async () => since().some((line) => line.includes('"Works again"')));
    const told = since().filter((line) => /"level":"(?:warn|error|fatal)"|"Works again"/.test(line));
    t.is(told.length, 2, told.join('\n'));
    t.regex(told[0] ?? '', /"level":"warn".*"reason":"[^"]+".*what is known keeps serving, it is tried again/);
    t.regex(told[1] ?? '', /"level":"info".*"Works again"/);
  }
  await create(api, 'shop', {});
});

async function removeCaBundles(api: Api): Promise<void> {
  const found = (await api.request({ path: webhooks })) as { webhooks: { clientConfig: object }[] };
  const without = found.webhooks.map((one) =>
    Object.assign(one, { clientConfig: { ...one.clientConfig, caBundle: null } }),
  );
  const body = { webhooks: without };
  await api.request({ method: 'PATCH', path: webhooks, contentType: 'application/merge-patch+json', body });
}

type Event = {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
};

async function events(api: Api): Promise<readonly Event[]> {
  const { items } = (await api.request({ path: '/api/v1/namespaces/shop/events' })) as { items: Event[] };
  return items.filter(({ reason }) => reason === 'InjectionRefused' || reason === 'NotInjected');
}

test.serial('ten replicas that begin or rotate at the same moment follow the one that wrote first', async (t) => {
  const plane = await startControlPlane();
  t.teardown(() => plane.close());
  process.env['KUBECONFIG'] = plane.kubeconfig;
  const api = await connectApi();
  t.teardown(() => api.close());
  await api.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'heddle-system' } } });
  const hour = 3_600_000;
  const log = createLog('test', 'fatal', {
    write: () => true,
    writeAscii: () => undefined,
    flushSync: () => undefined,
  });
  const lifetimes = { authorityMs: 90 * hour, certificateMs: 12 * hour, overlapMs: 6 * hour };
  const counts: number[] = [];
  for (const hours of [0, 61, 67, 80]) {
    const now = (): number => Date.UTC(2030, 0, 1) + hours * hour;
    const all = Array.from({ length: 10 }, () =>
      reconcileAuthorities({ api, namespace: 'heddle-system', lifetimes, log, now }, undefined),
    );
    const [first, ...others] = await Promise.all(all);
    for (const other of others) t.deepEqual(other, first);
    counts.push(first?.trusted.length ?? 0);
  }
  t.deepEqual(counts, [1, 2, 2, 1]);
});

test.serial(
  'CAs and certificates take turns while pods are created without a pause, and no pod is refused',
  async (t) => {
    const { api, replicas } = await startInjectors(t, {
      HEDDLE_CA_LIFETIME_MS: '42000',
      HEDDLE_CERTIFICATE_LIFETIME_MS: '10000',
      HEDDLE_CA_OVERLAP_MS: '3000',
      HEDDLE_TRUST_POLL_MS: '300',
    });
    const signers = new Set<string>();
    let pods = 0;
    const failed: unknown[] = [];
    for (const end = Date.now() + 75_000; Date.now() < end;) {
      try {
        await create(api, 'shop', {}, 'All');
        pods++;
      } catch (error) {
        failed.push(error);
      }
      if (pods % 10 === 0) signers.add((await read(api, caSecret))?.data['tls.crt'] ?? '');
      // New connections meet new certificates: the API server keeps its own for long.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    t.deepEqual(failed, []);
    t.true(signers.size >= 3, `${signers.size} CAs`);
    const certificates = replicas.map(({ output }) => output().match(/"Serving certificate issued"/g)?.length ?? 0);
    t.log(`${pods} pods, ${signers.size} CAs, serving certificates ${certificates.join(' and ')}`);
    t.true(certificates.every((count) => count >= 6));
  },
);
