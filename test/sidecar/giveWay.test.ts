import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { runProcess } from '../../lab/process.ts';

const module = path.resolve(import.meta.dirname, '../../sidecar/giveWay.ts');

test('the threads that compile give way, the one that serves does not', async (t) => {
  const script = `
    import { haveOthersGiveWay } from ${JSON.stringify(module)};
    import { readdirSync, readFileSync } from 'node:fs';
    const count = haveOthersGiveWay();
    const nice = (thread) => Number(readFileSync('/proc/self/task/' + thread + '/stat', 'utf8').split(') ')[1].split(' ')[16]);
    const others = readdirSync('/proc/self/task').map(Number).filter((thread) => thread !== process.pid);
    console.log(JSON.stringify({ count, own: nice(process.pid), others: others.map(nice) }));`;
  const { stdout, stderr } = await runProcess([process.execPath, '--input-type=module', '-e', script]);
  t.is(stderr, '');
  const { count, own, others } = JSON.parse(stdout) as { count: number; own: number; others: readonly number[] };
  t.true(count > 0);
  t.deepEqual(new Set(others), new Set([10]));
  t.is(own, os.getPriority());
});
