import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import manifest from '../../package.json' with { type: 'json' };
import { initNames, type MeshPod } from './cases/admission.ts';
import { keepAdmitting } from './cases/admitting.ts';
import {
  answers,
  ask,
  awaitLine,
  deployment,
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
import { startSteady } from './load/steady.ts';
import { olderHeddle } from './olderHeddle.ts';
import { waitUntil } from './process/progress.ts';

// Takes the mesh away from everybody and brings it back, hence as the last file (ava.cluster.config.js).
const system = 'heddle-system';
const overlay = 'overlays/two-nodes';
const { version } = manifest;
const installed = join(import.meta.dirname, '../../manifests');
const older = await olderHeddle();
let mesh = '';
/** An application that serves on until nobody sends it anything: what one that exits at once is at work on is lost. */
const gentle: PodParts = {
  spec: { terminationGracePeriodSeconds: 30 },
  container: { ...serving, lifecycle: { preStop: { sleep: { seconds: 5 } } } },
};
test.before('an older Heddle is installed where there was none', async (t) => {
  t.timeout(240_000);
  await uninstall();
  await older.load();
  await applyMesh(older.manifests);
  mesh = await makeNamespace('upgrade');
  await apply([
    deployment(mesh, 'web', gentle, 2),
    service(mesh, 'web'),
    pod(mesh, 'client', { container: { args: ['sleep'] } }),
  ]);
  await ready(mesh, 'client');
  await waitForRollout(mesh, ['deployment/web']);
  await answers(mesh, 'client', 'http://web/');
  await markRoute(mesh, 'older');
  await marked(mesh, 'client', 'older');
});
test.after.always(async () => {
  const { ok, stdout } = await tryKubectl('-n', system, 'get', 'daemonset/heddle-agent', '-o', 'jsonpath={..image}');
  if (!ok || stdout !== `heddle:${version}`) await installHeddle();
  await removeNamespaces(mesh);
});

test.serial(`upgrading from ${older.from} under load loses no request, and every pod is admitted`, async (t) => {
  t.deepEqual(await versionsOf(''), new Set([older.version]));
  const admitting = keepAdmitting(t, mesh);
  const targets = [`GET=http://web.${mesh}/`, `POST=http://web.${mesh}/`];
  const load = await startSteady({ namespace: mesh, name: 'load', perSecond: 200, targets });
  await applyMesh(installed);
  // An injector that is told to end serves on for a while, and adds its own version until then.
  await waitUntil('the end of the old injectors', 60_000, async () => {
    const { items } = await get<{ items: MeshPod[] }>('-n', system, 'pods');
    return items.every(({ metadata }) => metadata.deletionTimestamp === undefined);
  });
  t.is((await ask(mesh, 'client', 'http://web/')).headers['x-route'], 'older');
  // Pods take up the new sidecar when they start anew.
  await kubectl('-n', mesh, 'rollout', 'restart', 'deployment/web');
  await waitForRollout(mesh, ['deployment/web']);
  // An older sidecar goes on with the newer agents.
  await markRoute(mesh, 'newer');
  await marked(mesh, 'client', 'newer');
  // So that the last pods of before have ended too.
  await sleep(10_000);
  const { summary, failures } = await load.stop();
  t.deepEqual(failures, []);
  const answered = targets.map((target) => summary.counts[target]?.ok ?? 0);
  t.log(`${answered.join(' and ')} requests in ${summary.durationMs} ms, the slowest took ${summary.slowestMs} ms`);
  for (const count of answered) t.true(count > 2000, `${count} answers`);
  const { count, failures: refused } = await admitting.end();
  t.deepEqual(refused, []);
  t.true(count > 10);
  t.deepEqual(await versionsOf('web'), new Set([version]));
  t.deepEqual(await versionsOf('client'), new Set([older.version]));
});

test.serial('uninstalling leaves nothing, and injected pods go on with what they know', async (t) => {
  await markRoute(mesh, 'last');
  await marked(mesh, 'client', 'last');
  await uninstall();
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

async function applyMesh(manifests: string): Promise<void> {
  await kubectl('apply', '--server-side', '--force-conflicts', '-k', join(manifests, overlay));
  await waitForRollout(system, ['daemonset/heddle-agent', 'deployment/heddle-injector']);
}

async function uninstall(): Promise<void> {
  await kubectl('delete', '-k', join(installed, overlay), '--timeout=90s', '--ignore-not-found');
  await waitUntil('the end of what is owned', 60_000, async () => (await leftOf()) === '');
}

/** The versions that the pods of an application say they were injected by; of all pods where none is named. */
async function versionsOf(app: string): Promise<Set<string | undefined>> {
  const words = ['-n', mesh, 'pods', ...(app === '' ? [] : ['-l', `app=${app}`])];
  const { items } = await get<{ items: MeshPod[] }>(...words);
  const present = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return new Set(present.map(({ metadata }) => metadata.annotations?.['heddle.dev/injected']));
}

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
