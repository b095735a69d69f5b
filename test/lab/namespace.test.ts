import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess } from '../../lab/process.ts';
import { heddleCommand } from '../../lab/programs.ts';
import { labTest } from '../e2e/labTest.ts';

labTest('a lab whose owner is killed leaves no program, no namespace and no folder behind', async (t, { ground }) => {
  const owner = startProcess(heddleCommand('test/lab/programs/openLab.ts', ground.access));
  const line = await owner.waitForLine((text) => text.startsWith('{'), 60_000);
  const { pids, folder } = JSON.parse(line) as { pids: readonly number[]; folder: string };
  const left = (): string[] => [...pids.map((pid) => `/proc/${pid}`), folder].filter((path) => existsSync(path));
  t.is(left().length, 4);
  await owner.stop('SIGKILL');
  const deadline = Date.now() + 30_000;
  while (left().length > 0 && Date.now() < deadline) await sleep(10);
  t.deepEqual(left(), []);
});

labTest('a connection to a ClusterIP reaches every endpoint of its family, without a mesh', async (t, { node }) => {
  const client = await node.addPod('client', ['10.244.1.2', 'fd00:244:1::2']);
  const endpoints: { address: string; port: number }[] = [];
  for (const name of ['one', 'two']) {
    const last = endpoints.length + 3;
    const pod = await node.addPod(name, [`10.244.1.${last}`, `fd00:244:1::${last}`]);
    const app = pod.start({ command: heddleCommand('test/e2e/programs/app.ts', name, '8080') });
    await app.waitForLine((text) => text === 'listening', 60_000);
    endpoints.push(...pod.addresses.map((address) => ({ address, port: 8080 })));
  }
  await node.setService('web', { clusterIPs: ['10.96.0.1', 'fd00:96::1'], port: 80, endpoints });
  for (const url of ['http://10.96.0.1/', 'http://[fd00:96::1]/']) {
    const names = new Set<string>();
    for (let left = 40; left > 0 && names.size < 2; left -= 1) {
      const { stdout } = await client.run({ command: ['curl', '-sS', '-m', '60', url] });
      names.add((JSON.parse(stdout) as { name: string }).name);
    }
    t.is(names.size, 2, url);
  }
});
