import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import manifest from '../../package.json' with { type: 'json' };
import { applyHeddle, deleteHeddle, installHeddle, manifests } from './installHeddle.ts';
import { kubectl, tryKubectl, waitForRollout } from './kubectl.ts';
import { olderHeddle } from './olderHeddle.ts';
import { eventually, waitUntil } from './process/progress.ts';
import { keepAdmitting } from './support/admitting.ts';
import { client, deploy, deployment, service, servingOn, undeclared } from './support/app.ts';
import { answers, ask } from './support/call.ts';
import { awaitLine, linesOf } from './support/log.ts';
import { initNames, podsOf, readPod } from './support/pods.ts';
import { mark } from './support/route.ts';
import { startSteady } from './support/steady.ts';
import { useNamespace } from './support/useNamespace.ts';

// Takes the mesh away from everybody and brings it back, hence as the last file (ava.cluster.config.js).
const system = 'heddle-system';
const { version } = manifest;
const older = await olderHeddle();
test.serial.before('an older Heddle is installed where there was none', async (t) => {
  t.timeout(540_000);
  await uninstall();
  await older.load();
  await applyHeddle(older.manifests);
});
const mesh = useNamespace('upgrade');
test.before(async () => {
  // It serves on until nobody sends it anything: what one that exits at once is at work on is lost.
  await deploy([deployment(mesh, 'web', servingOn(5), 2), service(mesh, 'web', undeclared()), client(mesh)]);
  await answers(mesh, 'client', 'http://web/');
  await mark(mesh, 'older', ['client']);
});
test.after.always(async () => {
  const { ok, stdout } = await tryKubectl('-n', system, 'get', 'daemonset/heddle-agent', '-o', 'jsonpath={..image}');
  if (!ok || stdout !== `heddle:${version}`) await installHeddle();
});

test.serial(`upgrading from ${older.from} under load loses no request, and every pod is admitted`, async (t) => {
  t.deepEqual(await versionsOf(), new Set([older.version]));
  const admitting = keepAdmitting(t, mesh);
  const targets = [`GET=http://web.${mesh}/`, `POST=http://web.${mesh}/`];
  const load = await startSteady({ namespace: mesh, name: 'load', perSecond: 200, targets });
  await applyHeddle(manifests);
  // An injector that is told to end serves on for a while, and adds its own version until then.
  await waitUntil('the end of the old injectors', 180_000, async () => {
    return (await podsOf(system)).every(({ metadata }) => metadata.deletionTimestamp === undefined);
  });
  t.is((await ask(mesh, 'client', 'http://web/')).headers['x-route'], 'older');
  // Pods take up the new sidecar when they start anew.
  await kubectl('-n', mesh, 'rollout', 'restart', 'deployment/web');
  await waitForRollout(mesh, ['deployment/web']);
  // An older sidecar goes on with the newer agents.
  await mark(mesh, 'newer', ['client']);
  // So that the last pods of before have ended too.
  await sleep(10_000);
  const { summary, failures } = await load.stop();
  t.deepEqual(failures, []);
  const answered = targets.map((target) => summary.counts[target]?.ok ?? 0);
  t.log(`${answered.join(' and ')} requests in ${summary.durationMs} ms, the slowest took ${summary.slowestMs} ms`);
  for (const count of answered) t.true(count > 100, `${count} answers`);
  const { count, failures: refused } = await admitting.end();
  t.deepEqual(refused, []);
  t.true(count > 10);
  t.deepEqual(await versionsOf('app=web'), new Set([version]));
  t.deepEqual(await versionsOf('app=client'), new Set([older.version]));
});

test.serial('uninstalling leaves nothing, and injected pods go on with what they know', async (t) => {
  await mark(mesh, 'last', ['client']);
  await uninstall();
  t.is(await leftOf(), '');
  t.like(await ask(mesh, 'client', 'http://web/alone'), { path: '/alone', headers: { 'x-route': 'last' } });
  await awaitLine(mesh, 'client', { path: '/alone', route: `HTTPRoute ${mesh}/web` });
  await eventually(
    'a word of the lost agent',
    () => linesOf(mesh, 'client'),
    (lines) => lines.some(({ message }) => message.startsWith('Agent lost')),
  );
  // Its namespace still says that it wants sidecars, but there is nobody to give one.
  await deploy([client(mesh, 'bare')]);
  t.deepEqual(initNames(await readPod(mesh, 'bare')), []);
  t.is((await ask(mesh, 'bare', 'http://web/')).headers['x-route'], undefined);
});

test.serial('installed again, the mesh serves new pods at once and takes up those that waited', async (t) => {
  await installHeddle();
  await deploy([client(mesh, 'new')]);
  await mark(mesh, 'again', ['new']);
  // It has to see the new CA first, which the kubelet brings when it next looks after the pod.
  await mark(mesh, 'again', ['client'], 150_000);
  t.pass();
});

async function uninstall(): Promise<void> {
  await deleteHeddle(manifests);
  // As the guide says; an injector that is just ending may write one again.
  const trusts = ['configmap', '--all-namespaces', '--field-selector', 'metadata.name=heddle-ca'];
  await waitUntil('the end of what is owned', 180_000, async () => {
    await kubectl('delete', ...trusts);
    return (await leftOf()) === '';
  });
}

/** The versions that pods say they were injected by. */
async function versionsOf(label?: string): Promise<Set<string | undefined>> {
  const present = (await podsOf(mesh, label)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
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
