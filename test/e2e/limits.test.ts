import { setTimeout as sleep } from 'node:timers/promises';
import { heddleCommand } from '../../lab/programs.ts';
import { curl, noFailures, startLoad } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

labTest(
  'a sidecar with few file descriptors takes as many connections as it can serve, and says so',
  async (t, lab) => {
    const mesh = await startMesh(lab, {
      pods: { client: { openFiles: 60 }, web: {} },
      services: [{ name: 'web', ip: 1, portName: 'http', pods: ['web'] }],
    });
    const { pod, sidecar } = mesh.pod('client');
    await sidecar.waitForLine((line) => line.includes('The limit of open files allows fewer connections'), 60_000);
    const url = 'http://10.96.0.1/';
    t.is((await curl(pod, url)).status, 200);
    const stopLoad = await startLoad(pod, url, 80);
    await sidecar.waitForLine((line) => line.includes('too many are open'), 60_000);
    await sleep(2000);
    const { failed, requests, byName, firstFailures } = await stopLoad();
    t.true(failed > 0, 'some met the limit');
    t.true((byName['web'] ?? 0) > 0, `of ${requests} requests some were served meanwhile`);
    // What was taken was served: none was left without an answer, or without a connection to its endpoint.
    for (const failure of firstFailures) t.regex(failure, /socket hang up|ECONNRESET/);
    t.deepEqual(
      sidecar.lines.filter((line) => line.includes('EMFILE')),
      [],
    );
    t.is((await curl(pod, url)).status, 200);
  },
);

labTest('with few file descriptors those that are idle for longest make room for others', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: { openFiles: 120 }, web: {}, other: {} },
    services: [
      { name: 'web', ip: 1, portName: 'http', pods: ['web'] },
      { name: 'other', ip: 2, portName: 'http', pods: ['other'] },
    ],
  });
  const { pod, sidecar } = mesh.pod('client');
  const program = heddleCommand('test/e2e/programs/idleClients.ts', '10.96.0.1', '80', '200', '10', '1300');
  const idle = pod.start({ command: program });
  await idle.waitForLine((line) => line === 'idle', 120_000);
  t.false(idle.lines.includes('refused'), 'each of 200 found its place');
  const stopLoad = await startLoad(pod, 'http://10.96.0.2/', 10);
  await sleep(2000);
  noFailures(t, await stopLoad(), sidecar);
  t.deepEqual(
    sidecar.lines.filter((line) => line.includes('EMFILE')),
    [],
  );
  await idle.stop();
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
