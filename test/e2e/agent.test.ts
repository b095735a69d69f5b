import { setTimeout as sleep } from 'node:timers/promises';
import { curl, noFailures, startLoad, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

const at = 'http://10.96.0.1';
const services = [
  { name: 'web', ip: 1, pods: ['v1', 'v2'] },
  { name: 'v1', ip: 2, pods: ['v1'] },
  { name: 'v2', ip: 3, pods: ['v2'] },
];

function allTo(name: string): unknown[] {
  return [routeObject({ parent: 'web', rules: [{ backendRefs: [{ name, port: 80 }] }] })];
}

labTest('the agent is killed and comes back under load: no request fails, and later changes arrive', async (t, lab) => {
  const mesh = await startMesh(lab, { pods: { client: {}, v1: {}, v2: {} }, services, routes: allTo('v1') });
  const { pod } = mesh.pod('client');
  const stop = await startLoad(pod, `${at}/`, 8);
  for (const version of ['v2', 'v1']) {
    await sleep(300);
    await mesh.agent.stop('SIGKILL');
    await mesh.writeRoutes(allTo(version));
    await sleep(1000);
    t.not((await curl(pod, at)).name, version, 'without an agent the last good routes stay');
    await mesh.startAgent();
    await t.notThrowsAsync(until(async () => (await curl(pod, at)).name === version));
  }
  const summary = await stop();
  noFailures(t, summary, mesh.pod('client').sidecar);
  // Far more than one for each of its eight connections: the load did not stand still.
  t.true(summary.requests > 80, `${summary.requests} requests`);
});

labTest('without an agent at the start, connections pass through; routes apply as soon as it comes', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: {
      client: { env: { HEDDLE_START_WAIT_MS: '500' } },
      v1: { env: { HEDDLE_START_WAIT_MS: '500' } },
      v2: { env: { HEDDLE_START_WAIT_MS: '500' } },
    },
    services,
    routes: allTo('v2'),
    agent: 'absent',
  });
  const { pod, sidecar } = mesh.pod('client');
  for (const url of ['http://10.96.0.2/', 'http://[fd00:96::2]/']) {
    t.like(await curl(pod, url), { status: 200, name: 'v1' }, 'kube-proxy decides');
  }
  await t.notThrowsAsync(
    sidecar.waitForLine((line) => line.includes('No agent answers'), 30_000),
    'the sidecar says that it waits for the agent',
  );
  await mesh.startAgent();
  await t.notThrowsAsync(until(async () => (await curl(pod, at, at, at, at)).text.split('"v2"').length === 5));
});
