import { setTimeout as sleep } from 'node:timers/promises';
import { heddleCommand, sidecarReady } from '../../lab/programs.ts';
import { noFailures, startLoad } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

const service = { name: 'web', ip: 1 };

labTest('endpoints come and go under load: no request fails', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, one: {}, two: {}, three: {} },
    services: [{ ...service, pods: ['one', 'two'] }],
  });
  const stop = await startLoad(mesh.pod('client').pod, 'http://10.96.0.1/', 16);
  await sleep(300);
  await mesh.writeService({ ...service, pods: ['one', 'two', 'three'] });
  await sleep(500);
  // As a rolling update does: out of the EndpointSlice first, then SIGTERM to the app and its sidecar.
  for (const leaving of ['one', 'two']) {
    const staying = ['one', 'two', 'three'].filter((name) => name !== leaving);
    await mesh.writeService({ ...service, pods: staying });
    await sleep(500);
    const { pod, apps, sidecar } = mesh.pod(leaving);
    for (const app of apps) await app.stop('SIGTERM');
    const ended = sidecar.stop('SIGTERM');
    await ended;
    const app = pod.start({ command: heddleCommand('test/e2e/programs/app.ts', `${leaving}-again`, '8080') });
    await app.waitForLine((line) => line === 'listening', 10_000);
    mesh.restartSidecar(leaving);
    await sidecarReady(pod, 20_000);
    await mesh.writeService({ ...service, pods: ['one', 'two', 'three'] });
    await sleep(500);
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
  const slow = mesh.pod('client').pod.run({ command: ['curl', '-sS', 'http://10.96.0.1/slow/1500'] });
  await sleep(500);
  await mesh.writeService({ ...service, pods: ['two'] });
  await sleep(300);
  const { apps, sidecar } = mesh.pod('one');
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
