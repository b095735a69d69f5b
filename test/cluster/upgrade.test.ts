import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import manifest from '../../package.json' with { type: 'json' };
import { initNames, type MeshPod } from './cases/admission.ts';
import { keepAdmitting } from './cases/admitting.ts';
import {
  answers,
  ask,
  awaitLine,
  deployment,
  inApp,
  linesOf,
  makeNamespace,
  pod,
  type PodParts,
  ready,
  removeNamespaces,
  service,
  serving,
} from './cases/meshPod.ts';
import { marked, markRoute } from './cases/route.ts';
import { installHeddle } from './installHeddle.ts';
import { apply, get, kubectl, tryKubectl, waitForRollout } from './kubectl.ts';
import { nodes } from './names.ts';
import { ctr } from './node/containerd.ts';
import { waitUntil } from './process/progress.ts';
import { run } from './process/run.ts';

// Takes the mesh away from everybody and brings it back, hence as the last file (ava.cluster.config.js).
const system = 'heddle-system';
const { version } = manifest;
const newer = `${version}-newer`;
const installed = join(import.meta.dirname, '../../manifests');
let mesh = '';
/** An application that serves on until nobody sends it anything: what one that exits at once is at work on is lost. */
const gentle: PodParts = {
  spec: { terminationGracePeriodSeconds: 30 },
  container: { ...serving, lifecycle: { preStop: { sleep: { seconds: 5 } } } },
};
test.before(async () => {
  mesh = await makeNamespace('upgrade');
  await apply([
    deployment(mesh, 'web', gentle, 2),
    service(mesh, 'web'),
    pod(mesh, 'client', { container: { args: ['sleep'] } }),
  ]);
  await ready(mesh, 'client');
  await waitForRollout(mesh, ['deployment/web']);
  await answers(mesh, 'client', 'http://web/');
});
test.after.always(async () => {
  const { ok, stdout } = await tryKubectl('-n', system, 'get', 'daemonset/heddle-agent', '-o', 'jsonpath={..image}');
  if (!ok || stdout !== `heddle:${version}`) await installHeddle();
  await removeNamespaces(mesh);
});

test.serial('upgrading under load loses no request, and every pod is admitted meanwhile', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-upgrade-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await cp(installed, folder, { recursive: true });
  const file = join(folder, 'default/kustomization.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(`newTag: ${version}`, `newTag: ${newer}`));
  const name = 'docker.io/library/heddle';
  for (const node of nodes) {
    await run([...ctr(node), 'images', 'tag', '--force', `${name}:${version}`, `${name}:${newer}`]);
  }

  const admitting = keepAdmitting(t, mesh);
  const seconds = 70;
  const rate = 100;
  const words = ['node', '/app/main.ts', 'load', 'http://web/', String(seconds * rate), '8', String(rate)];
  const load = inApp(mesh, 'client', words);
  await kubectl('apply', '--server-side', '--force-conflicts', '-k', join(folder, 'overlays/two-nodes'));
  await waitForRollout(system, ['daemonset/heddle-agent', 'deployment/heddle-injector']);
  // An injector that is told to end serves on for a while, and adds its own version until then.
  await waitUntil('the end of the old injectors', 60_000, async () => {
    const { items } = await get<{ items: MeshPod[] }>('-n', system, 'pods');
    return items.every(({ metadata }) => metadata.deletionTimestamp === undefined);
  });
  // Pods take up the new sidecar when they start anew.
  await kubectl('-n', mesh, 'rollout', 'restart', 'deployment/web');
  await waitForRollout(mesh, ['deployment/web']);
  const { statuses } = JSON.parse(await load) as { statuses: object };
  t.deepEqual(statuses, { 200: seconds * rate });
  const { count, failures } = await admitting.end();
  t.deepEqual(failures, []);
  t.true(count > 10);
  const { items } = await get<{ items: MeshPod[] }>('-n', mesh, 'pods', '-l', 'app=web');
  const present = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  t.true(present.length >= 2);
  for (const { metadata } of present) t.is(metadata.annotations?.['heddle.dev/injected'], newer);
});

test.serial('uninstalling leaves nothing, and injected pods go on with what they know', async (t) => {
  await markRoute(mesh, 'last');
  await marked(mesh, 'client', 'last');
  await kubectl('delete', '-k', join(installed, 'overlays/two-nodes'), '--timeout=90s');
  await waitUntil('the end of what is owned', 60_000, async () => (await leftOf()) === '');
  t.is(await leftOf(), '');
  t.like(await ask(mesh, 'client', 'http://web/alone'), { path: '/alone', headers: { 'x-route': 'last' } });
  await awaitLine(mesh, 'client', { path: '/alone', route: `HTTPRoute ${mesh}/web` });
  const lost = (await linesOf(mesh, 'client')).filter(({ message }) => message.startsWith('Agent lost'));
  t.true(lost.length > 0);
  // Its namespace still says that it wants sidecars, but there is nobody to give one.
  await apply([pod(mesh, 'bare', { container: { args: ['sleep'] } })]);
  await ready(mesh, 'bare');
  t.deepEqual(await initNames(mesh, 'bare'), []);
  t.is((await ask(mesh, 'bare', 'http://web/')).headers['x-route'], undefined);
});

test.serial('installed again, the mesh serves new pods at once and takes up those that waited', async (t) => {
  await installHeddle();
  await apply([pod(mesh, 'new', { container: { args: ['sleep'] } })]);
  await ready(mesh, 'new');
  await markRoute(mesh, 'again');
  await marked(mesh, 'new', 'again');
  // It has to see the new CA first, which the kubelet brings when it next looks after the pod.
  await marked(mesh, 'client', 'again', 150_000);
  t.pass();
});

/** What there still is of the mesh, by kind and name. */
async function leftOf(): Promise<string> {
  const kinds = [
    'namespaces,clusterroles,clusterrolebindings,priorityclasses,mutatingwebhookconfigurations',
    'configmaps,secrets,leases,services,serviceaccounts,networkpolicies,poddisruptionbudgets,daemonsets,deployments',
  ].join();
  const labelled = await kubectl('get', kinds, '-A', '-l', 'app.kubernetes.io/part-of=heddle', '-o', 'name');
  const all = await kubectl('get', kinds, '-A', '-o', 'name');
  const named = all.split('\n').filter((name) => /\/heddle(-system|-agent|-injector|-ca|-agent-tls)?$/.test(name));
  return [...new Set([...labelled.split('\n'), ...named])].filter(Boolean).join();
}
