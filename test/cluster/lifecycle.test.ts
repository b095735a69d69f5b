import test from 'ava';
import { createAuthority } from '../../injector/certificates/issue.ts';
import { applyHeddle, manifests, waitForAdmission } from './installHeddle.ts';
import { get, kubectl, waitForRollout } from './kubectl.ts';
import { waitUntil } from './process/progress.ts';
import { gated, refusalOf, submit } from './support/admission.ts';
import { keepAdmitting } from './support/admitting.ts';
import { client, deploy, pod, service, undeclared } from './support/app.ts';
import { answers, ask } from './support/call.ts';
import { agentsTrustedBy, caBundles, caSecret, mountedBundle, sameCas } from './support/cas.ts';
import { linesOf } from './support/log.ts';
import { injected } from './support/namespace.ts';
import { initNames, podsOf, readPod } from './support/pods.ts';
import { mark } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

// Disturbs whoever creates pods, hence after other files and one test after another (ava.cluster.config.js).
const system = 'heddle-system';
const optIn = { labels: injected };
const mesh = useNamespace('life');
const plain = useNamespace('life-plain', {});
test.before(async () => {
  await deploy([pod(mesh, 'web'), service(mesh, 'web', undeclared()), client(mesh)]);
  await answers(mesh, 'client', 'http://web/');
});

test.serial('without an injector only pods that are to be injected are refused, and what runs goes on', async (t) => {
  await scaleInjector(0);
  try {
    const why = /failed calling webhook "(namespace|pod)\.injector\.heddle\.dev"/;
    t.regex(await refusalOf(gated(mesh, 'refused')), why);
    t.regex(await refusalOf(gated(plain, 'refused', optIn)), why);
    t.is((await submit(gated(plain, 'admitted'))).spec.initContainers, undefined);
    const out = { labels: { 'heddle.dev/inject': 'disabled' } };
    t.is((await submit(gated(mesh, 'admitted', out))).spec.initContainers, undefined);
    t.is((await submit(gated('kube-system', 'admitted', optIn), '--dry-run=server')).spec.initContainers, undefined);
    t.is((await ask(mesh, 'client', 'http://web/meanwhile')).path, '/meanwhile');
    await mark(mesh, 'no-injector', ['client']);
  } finally {
    await scaleInjector(2);
  }
  await deploy([client(mesh, 'after')]);
  t.deepEqual(initNames(await readPod(mesh, 'after')), ['heddle-init', 'heddle-sidecar']);
});

test.serial('a caBundle that somebody overwrites is right again within seconds', async (t) => {
  const [bundle = ''] = await caBundles();
  const { data } = await get<{ data: Record<string, string> }>('-n', mesh, 'configmap', 'kube-root-ca.crt');
  const wrong = Buffer.from(data['ca.crt'] ?? '').toString('base64');
  const operations = [0, 1].map((index) => {
    return { op: 'replace', path: `/webhooks/${index}/clientConfig/caBundle`, value: wrong };
  });
  await kubectl('patch', webhook, '--type=json', '-p', JSON.stringify(operations));
  await waitUntil('the right caBundle', 60_000, async () => (await caBundles()).every((one) => one === bundle));
  t.is((await submit(gated(mesh, 'bundle'), '--dry-run=server')).spec.initContainers?.length, 2);
});

test.serial(
  'Secrets and ConfigMaps that somebody deletes come back with the same CA; sidecars notice nothing',
  async (t) => {
    const before = await caSecret();
    const connected = await connections('client');
    const admitting = keepAdmitting(t, mesh);
    await kubectl('-n', system, 'delete', 'secret', 'heddle-ca', 'heddle-agent-tls');
    await waitUntil('both Secrets', 60_000, async () => {
      const words = [
        '-n',
        system,
        'get',
        'secret',
        'heddle-ca',
        'heddle-agent-tls',
        '--ignore-not-found',
        '-o',
        'name',
      ];
      return (await kubectl(...words)).trim().split('\n').length === 2;
    });
    const after = await caSecret();
    t.deepEqual(after, before);
    await kubectl('-n', mesh, 'delete', 'configmap', 'heddle-ca');
    await waitUntil('the ConfigMap', 150_000, async () => {
      return (await kubectl('-n', mesh, 'get', 'configmap', 'heddle-ca', '--ignore-not-found', '-o', 'name')) !== '';
    });
    const { count, failures } = await admitting.end();
    t.deepEqual(failures, []);
    t.true(count > 5);
    await mark(mesh, 'restored', ['client']);
    t.is(await connections('client'), connected);
  },
);

test.serial('a new CA takes over without a gap: trusted first by all, then signing', async (t) => {
  const connected = await connections('client');
  const admitting = keepAdmitting(t, mesh);
  const now = Date.now();
  const next = await createAuthority(now, 3_650 * 86_400_000);
  const present = await caSecret();
  const announce = async (since: number): Promise<void> => {
    const metadata = { annotations: { 'heddle.dev/next-since': new Date(since).toISOString() } };
    const stringData = { 'next.crt': next.certificate.pem, 'next.key': next.keyPem };
    const patch = JSON.stringify({ metadata, stringData });
    await kubectl('-n', system, 'patch', 'secret', 'heddle-ca', '--type=merge', '-p', patch);
  };
  // What an injector does by itself when two thirds of the CA's life are over.
  await announce(now);
  const both = present['ca.crt'] + next.certificate.pem;
  await waitUntil('caBundle with both', 60_000, async () => (await caBundles()).every((one) => sameCas(one, both)));
  await waitUntil('both in the pod', 240_000, async () => sameCas(await mountedBundle(mesh, 'client'), both), 1000);
  // The day during which both are trusted is over.
  await announce(now - 2 * 86_400_000);
  await waitUntil('the new CA signing', 60_000, async () => (await caSecret())['tls.crt'] === next.certificate.pem);
  const shown = () => agentsTrustedBy(next.certificate.pem);
  await waitUntil("the agents' new certificate", 240_000, shown, 1000);
  t.is(await connections('client'), connected);
  await kubectl('-n', system, 'rollout', 'restart', 'daemonset/heddle-agent');
  await waitForRollout(system, ['daemonset/heddle-agent']);
  await mark(mesh, 'new-ca', ['client']);
  const { count, failures } = await admitting.end();
  t.deepEqual(failures, []);
  t.true(count > 20);
});

test.serial('applying the manifests again changes no caBundle, and every pod is admitted meanwhile', async (t) => {
  const before = await caBundles();
  const admitting = keepAdmitting(t, mesh);
  for (let time = 0; time < 3; time++) {
    await applyHeddle(manifests);
    t.deepEqual(await caBundles(), before);
  }
  const { count, failures } = await admitting.end();
  t.deepEqual(failures, []);
  t.true(count > 5);
});

const webhook = 'mutatingwebhookconfiguration/heddle-injector';

async function scaleInjector(replicas: number): Promise<void> {
  await kubectl('-n', system, 'scale', 'deployment/heddle-injector', `--replicas=${replicas}`);
  await waitForRollout(system, ['deployment/heddle-injector']);
  if (replicas > 0) await waitForAdmission();
  await waitUntil(`${replicas} injectors`, 120_000, async () => {
    return (await podsOf(system, 'app.kubernetes.io/name=heddle-injector')).length === replicas;
  });
}

/** How often a sidecar has come to an agent. */
async function connections(name: string): Promise<number> {
  return (await linesOf(mesh, name)).filter(({ message }) => message === 'Agent connected').length;
}
