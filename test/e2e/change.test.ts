import { writeFile } from 'node:fs/promises';
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

function weights(v1: number, v2: number): unknown[] {
  const backendRefs = [
    { name: 'v1', port: 80, weight: v1 },
    { name: 'v2', port: 80, weight: v2 },
  ];
  return [routeObject({ parent: 'web', rules: [{ backendRefs }] })];
}

/** How many answers came from this app. */
function count(text: string, name: string): number {
  return text.split(`"name":"${name}"`).length - 1;
}

labTest('weights are shares, and a change of them is live while requests flow', async (t, lab) => {
  const mesh = await startMesh(lab, { pods: { client: {}, v1: {}, v2: {} }, services, routes: weights(90, 10) });
  const { pod } = mesh.pod('client');
  const { stdout } = await pod.run({ command: ['curl', '-s', `${at}/?[1-2000]`] });
  t.is(count(stdout, 'v1') + count(stdout, 'v2'), 2000);
  // 200 ± 5 standard deviations of 13.4.
  t.true(Math.abs(count(stdout, 'v2') - 200) < 67, `${count(stdout, 'v2')} of 2000 at weight 10 of 100`);

  const stop = await startLoad(pod, `${at}/`, 4);
  for (const only of ['v2', 'v1', 'v2']) {
    const editedAt = performance.now();
    await mesh.writeRoutes(only === 'v2' ? weights(0, 1) : weights(1, 0));
    await until(async () => count((await pod.run({ command: ['curl', '-s', `${at}/?[1-20]`] })).stdout, only) === 20);
    t.log(`only ${only} within ${Math.round(performance.now() - editedAt)} ms, curl included`);
  }
  const summary = await stop();
  noFailures(t, summary, mesh.pod('client').sidecar);
  // Far more than one for each of its four connections: the load did not stand still. A busy machine makes 90.
  t.true(summary.requests > 20, `${summary.requests} requests`);
});

labTest('a broken file keeps the last good routes, and says where it is broken', async (t, lab) => {
  const mesh = await startMesh(lab, { pods: { client: {}, v1: {}, v2: {} }, services, routes: weights(1, 0) });
  const { pod } = mesh.pod('client');
  t.is((await curl(pod, at)).name, 'v1');
  await writeFile(`${mesh.folder}/routes.yaml`, 'kind: HTTPRoute\nspec: [\n');
  const line = await mesh.agent.waitForLine((text) => text.includes('routes.yaml') && text.includes('broken'), 60_000);
  t.like(JSON.parse(line), { level: 'warn', line: 3 });
  t.is((await curl(pod, at)).name, 'v1');
  await mesh.writeRoutes(weights(0, 1));
  await t.notThrowsAsync(until(async () => (await curl(pod, at)).name === 'v2'));
});

labTest('a route that is deleted and made again under the same name is followed', async (t, lab) => {
  const mesh = await startMesh(lab, { pods: { client: {}, v1: {}, v2: {} }, services, routes: weights(1, 0) });
  const { pod } = mesh.pod('client');
  t.is((await curl(pod, at)).name, 'v1');
  await mesh.writeRoutes([]);
  await mesh.writeRoutes(weights(0, 1));
  await t.notThrowsAsync(until(async () => (await curl(pod, at)).name === 'v2'));
  t.is((await curl(pod, at)).name, 'v2');
});
