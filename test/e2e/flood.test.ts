import { roles } from '../../cli/roles.ts';
import { heddleCommand, sidecarReady, startSidecar } from '../../lab/programs.ts';
import { floods } from '../bench/programs/floods.ts';
import { megabytesOf, openMemoryCgroup } from '../memoryCgroup.ts';
import { curl, noFailures, startLoad, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

const limitBytes = 256 * 1_048_576;
const probe = await openMemoryCgroup(limitBytes);
if (probe.ok) await probe.cgroup.close();
const mostAboveIdle = 64;
// By then the flood has been at its height for a while.
const refusals = 1000;

labTest(
  'a flood of every kind leaves a sidecar of 256 MiB its memory, and its neighbours their answers',
  async (t, lab) => {
    const mesh = await startMesh(lab, {
      pods: { client: {}, web: {}, stuck: { apps: [['../../bench/programs/stuck.ts', '8080']] } },
      services: [
        { name: 'web', ip: 1, portName: 'http', pods: ['web'] },
        { name: 'stuck', ip: 2, portName: 'http', pods: ['stuck'] },
      ],
    });
    const { pod, sidecar: first } = mesh.pod('client');
    await first.stop();
    const opened = await openMemoryCgroup(limitBytes);
    if (!opened.ok) throw new Error(opened.problem);
    const { cgroup } = opened;
    const { nodeFlags, environment } = roles.sidecar;
    const sidecar = startSidecar(pod, {
      namespace: 'shop',
      sidecar: lab.ground.sidecar,
      env: environment,
      wrap: ([node = '', ...program]) => cgroup.waitInside([node, ...nodeFlags, ...program]),
    });
    t.teardown(async () => {
      await sidecar.stop('SIGKILL');
      await cgroup.close();
    });
    await cgroup.add(sidecar);
    await sidecarReady(pod, 90_000);
    t.is((await curl(pod, 'http://10.96.0.1/')).status, 200);

    const idle = megabytesOf(await cgroup.use());
    const stopWatching = cgroup.watchPeak();
    const stopLoad = await startLoad(pod, 'http://10.96.0.1/', 4);
    const kinds = [...Object.keys(floods).map((kind) => `${kind}=100`), 'unfinishedHead=1500'];
    const seconds = '600';
    const command = heddleCommand('test/bench/programs/flood.ts', seconds, '10.96.0.1:80', '10.96.0.2:80', ...kinds);
    const flood = pod.start({ command });
    const countRefused = (): number => sidecar.lines.filter((line) => line.includes('"flags":"OM"')).length;
    await until(async () => countRefused() >= refusals, 300_000);
    await flood.stop('SIGKILL');
    const summary = await stopLoad();
    const peak = megabytesOf(stopWatching());
    t.log(
      `${(peak - idle).toFixed(0)} MB above ${idle.toFixed(0)}; ${countRefused()} refused, ${summary.requests} served`,
    );
    t.is(await cgroup.killed(), 0);
    t.true(peak - idle <= mostAboveIdle, `${peak - idle} MB above idle`);
    noFailures(t, summary, sidecar);
    await until(async () => megabytesOf(await cgroup.use()) - idle <= mostAboveIdle / 2);
    t.is((await curl(pod, 'http://10.96.0.1/')).status, 200);
  },
  () => (probe.ok ? undefined : probe.problem),
);
