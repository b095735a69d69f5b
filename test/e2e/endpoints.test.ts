import { heddleCommand, sidecarReady } from '../../lab/programs.ts';
import { endpointsKnown, noFailures, startLoad, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { type Mesh, startMesh } from './mesh.ts';

const service = { name: 'web', ip: 1 };

labTest('endpoints come and go under load: no request fails', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, one: {}, two: {}, three: {} },
    services: [{ ...service, pods: ['one', 'two'] }],
  });
  const stop = await startLoad(mesh.pod('client').pod, 'http://10.96.0.1/', 16);
  await served(mesh, 'one', 'two');
  await mesh.writeService({ ...service, pods: ['one', 'two', 'three'] });
  await served(mesh, 'three');
  // As a rolling update does: out of the EndpointSlice first, then SIGTERM to the app and its sidecar.
  for (const leaving of ['one', 'two']) {
    const staying = ['one', 'two', 'three'].filter((name) => name !== leaving);
    await mesh.writeService({ ...service, pods: staying });
    await endpointsKnown(mesh.pod('client').pod, 'web', addressesOf(mesh, ...staying));
    const { pod, apps, sidecar } = mesh.pod(leaving);
    for (const app of apps) await app.stop('SIGTERM');
    const ended = sidecar.stop('SIGTERM');
    await ended;
    const app = pod.start({ command: heddleCommand('test/e2e/programs/app.ts', `${leaving}-again`, '8080') });
    await app.waitForLine((line) => line === 'listening', 60_000);
    mesh.restartSidecar(leaving);
    await sidecarReady(pod, 60_000);
    await mesh.writeService({ ...service, pods: ['one', 'two', 'three'] });
    await served(mesh, leaving);
  }
  const summary = await stop();
  noFailures(t, summary, mesh.pod('client').sidecar);
  for (const name of ['one', 'two', 'three', 'one-again', 'two-again']) {
    t.true((summary.byName[name] ?? 0) > 10, `${name}: ${JSON.stringify(summary.byName)}`);
  }
});

labTest('a request that is under way when its endpoint leaves is finished', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, one: {}, two: {} },
    services: [{ ...service, pods: ['one'] }],
  });
  const { apps, sidecar } = mesh.pod('one');
  const slow = mesh.pod('client').pod.run({ command: ['curl', '-sS', 'http://10.96.0.1/slow/4000'] });
  await apps[0]?.waitForLine((line) => line === 'slow', 60_000);
  await mesh.writeService({ ...service, pods: ['two'] });
  await endpointsKnown(mesh.pod('client').pod, 'web', addressesOf(mesh, 'two'));
  const ended = [...apps, sidecar].map((process) => process.stop('SIGTERM'));
  const { stdout } = await slow;
  t.true(stdout.includes('"name":"one"'), stdout);
  const exits = await Promise.all(ended);
  t.deepEqual(
    exits.map(({ code }) => code),
    [0, 0],
    'the app and its sidecar end by themselves afterwards',
  );
});

function addressesOf(mesh: Mesh, ...names: readonly string[]): string[] {
  return names.flatMap((name) => mesh.pod(name).addresses);
}

/** Waits until the (present) sidecar of each of these pods has served some requests of the load. */
async function served(mesh: Mesh, ...names: readonly string[]): Promise<void> {
  const count = (name: string): number =>
    mesh.pod(name).sidecar.lines.filter((line) => line.includes('"direction":"inbound"')).length;
  await until(async () => names.every((name) => count(name) > 20));
}
