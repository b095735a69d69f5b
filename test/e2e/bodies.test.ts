import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { LabProcess } from '../../lab/process.ts';
import { labTest } from './labTest.ts';
import { type Mesh, startMesh } from './mesh.ts';

const size = 100 * 1024 * 1024;
const services = [{ name: 'web', ip: 1, pods: ['web'] }];
const at = 'http://10.96.0.1';

labTest('100 MB down: every byte arrives, memory stays flat', async (t, lab) => {
  const mesh = await startMesh(lab, { pods: { client: {}, web: {} }, services });
  await staysFlat(t, mesh, async () => {
    const { stdout } = await mesh
      .pod('client')
      .pod.run({ command: ['sh', '-c', `curl -sS ${at}/bytes/${size} | sha256sum`] });
    const chunk = Buffer.alloc(65_536, 'heddle ');
    const expected = createHash('sha256');
    for (let sent = 0; sent < size; sent += chunk.length) expected.update(chunk);
    t.is(stdout.split(' ')[0], expected.digest('hex'));
  });
});

labTest('100 MB up, with a length and chunked: every byte arrives, memory stays flat', async (t, lab) => {
  const mesh = await startMesh(lab, { pods: { client: {}, web: {} }, services });
  const expected = { length: size, sha256: createHash('sha256').update(Buffer.alloc(size)).digest('hex') };
  await staysFlat(t, mesh, async () => {
    for (const upload of ['--data-binary @-', '-X POST -T -']) {
      const command = `head -c ${size} /dev/zero | curl -sS -H 'expect:' ${upload} ${at}/digest`;
      const { stdout } = await mesh.pod('client').pod.run({ command: ['sh', '-c', command] });
      t.deepEqual(JSON.parse(stdout), expected, upload);
    }
  });
});

labTest('a client that reads slowly holds the server back, not the body in memory', async (t, lab) => {
  const mesh = await startMesh(lab, { pods: { client: {}, web: {} }, services });
  // To its working size first, so that what is seen is what slowness adds.
  await mesh.pod('client').pod.run({ command: ['curl', '-s', '-o', '/dev/null', `${at}/bytes/${size}`] });
  await staysFlat(t, mesh, async () => {
    const slowly = ['curl', '-s', '-o', '/dev/null', '--limit-rate', '2M', '-m', '3', '-w', '%{size_download}'];
    const { code, stdout } = await mesh.pod('client').pod.run({ command: [...slowly, `${at}/bytes/${4 * size}`] });
    t.is(code, 28, 'curl gave up at its time limit');
    t.true(Number(stdout) < size / 2, `${stdout} bytes were read`);
  });
});

/** The first time a sidecar grows to its working size, which does not depend on the body's; then no more. */
async function staysFlat(t: ExecutionContext, mesh: Mesh, work: () => Promise<void>): Promise<void> {
  const sidecars = [mesh.pod('client').sidecar, mesh.pod('web').sidecar];
  const idle = await Promise.all(sidecars.map(residentMb));
  const first = await peaks(sidecars, work);
  const second = await peaks(sidecars, work);
  for (const [index, side] of ['outbound', 'inbound'].entries()) {
    t.log(`${side} sidecar: ${idle[index]} MB idle, at most ${first[index]} MB, then ${second[index]} MB`);
    const grown = (second[index] ?? 0) - (first[index] ?? 0);
    t.true(grown < 35, `grew by ${grown} MB`);
    t.true((second[index] ?? 0) - (idle[index] ?? 0) < 85, 'less than one body');
  }
}

async function peaks(sidecars: readonly LabProcess[], work: () => Promise<void>): Promise<number[]> {
  const done = new AbortController();
  const watching = Promise.all(sidecars.map((sidecar) => peakMb(sidecar, done.signal)));
  await work().finally(() => done.abort());
  return watching;
}

async function peakMb(sidecar: LabProcess, end: AbortSignal): Promise<number> {
  let peak = 0;
  while (!end.aborted) {
    peak = Math.max(peak, await residentMb(sidecar));
    await sleep(10);
  }
  return peak;
}

async function residentMb({ pid }: LabProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
