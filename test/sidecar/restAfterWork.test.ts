import test from 'ava';
import { runProcess } from '../../lab/process.ts';
import { RestAfterWork } from '../../sidecar/restAfterWork.ts';

/** What is told of a process by its CPU time in each of some seconds. */
function told(...usedMs: readonly number[]): string {
  const rest = new RestAfterWork();
  return usedMs.map((ms) => (rest.begins(ms, 1000) ? 'rest' : '-')).join(' ');
}

const cases: Readonly<Record<string, readonly [usedMs: readonly number[], told: string]>> = {
  'rest after work is told once': [[500, 0, 0, 5, 0], '- rest - - -'],
  'work without a rest is not told': [[500, 400, 300, 21], '- - - -'],
  'each rest is told': [[500, 10, 300, 10, 0], '- rest - rest -'],
  'little that is always done is no work': [[20, 15, 20, 10, 20], '- - - - -'],
  'work counts together until there is enough of it': [[60, 0, 60, 0, 0], '- - - rest -'],
};

for (const [title, [usedMs, expected]] of Object.entries(cases)) test(title, (t) => t.is(told(...usedMs), expected));

// A process of its own: the CPU time of this one is that of other tests, too.
test('a process hears of its own rest', async (t) => {
  const file = new URL('../../sidecar/restAfterWork.ts', import.meta.url).href;
  const program = `
    import { onRestAfterWork } from '${file}';
    const waiting = setInterval(() => undefined, 1000);
    const stop = onRestAfterWork(() => { console.log('rest'); stop(); clearInterval(waiting); }, 50);
    while (process.cpuUsage().user < 500_000);
  `;
  const { stdout } = await runProcess([process.execPath, '--input-type=module', '-e', program]);
  t.is(stdout, 'rest\n');
});
