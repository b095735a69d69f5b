import { setTimeout as sleep } from 'node:timers/promises';
import { curl, startLoad } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

labTest('a sidecar without file descriptors refuses what it cannot serve, says so, and goes on', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: { openFiles: 60 }, web: {} },
    services: [{ name: 'web', ip: 1, portName: 'http', pods: ['web'] }],
  });
  const { pod, sidecar } = mesh.pod('client');
  const url = 'http://10.96.0.1/';
  t.is((await curl(pod, url)).status, 200);
  const stopLoad = await startLoad(pod, url, 80);
  await sidecar.waitForLine((line) => line.includes('connecting to the endpoint failed: EMFILE'), 60_000);
  await sleep(1000);
  const { failed, requests, byName, firstFailures } = await stopLoad();
  t.true(failed > 0, 'some met the limit');
  t.true((byName['web'] ?? 0) > 0, `of ${requests} requests some were served meanwhile`);
  // None was left without an answer: reset at once, or told why.
  for (const failure of firstFailures) t.regex(failure, /socket hang up|ECONNRESET|EMFILE/);
  t.is((await curl(pod, url)).status, 200);
});

labTest('more connections than HEDDLE_MAX_CONNECTIONS are refused at once, which is said once', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: { env: { HEDDLE_MAX_CONNECTIONS: '10' } }, web: {} },
    services: [{ name: 'web', ip: 1, portName: 'http', pods: ['web'] }],
  });
  const { pod, sidecar } = mesh.pod('client');
  const url = 'http://10.96.0.1/';
  const stopLoad = await startLoad(pod, url, 30);
  await sidecar.waitForLine((line) => line.includes('too many are open'), 60_000);
  await sleep(1000);
  const { failed, byName, firstFailures } = await stopLoad();
  t.true(failed > 0 && (byName['web'] ?? 0) > 0);
  for (const failure of firstFailures) t.regex(failure, /socket hang up|ECONNRESET/);
  const said = sidecar.lines.filter((line) => line.includes('too many are open'));
  t.is(said.length, 1);
  t.like(JSON.parse(said[0] ?? ''), { level: 'warn', direction: 'outbound', limit: 10 });
  t.is((await curl(pod, url)).status, 200);
});
