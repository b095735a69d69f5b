import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { runProcess } from '../../lab/process.ts';

const module = path.resolve(import.meta.dirname, '../../sidecar/wakeSoon.ts');

/** A number of /proc/self/sched. */
function valueOf(sched: string, name: string): number {
  return Number(new RegExp(`^${name}\\s*:\\s*(\\S+)`, 'm').exec(sched)?.[1]);
}

test('the thread that serves asks for short slices, at the nice that it has', async (t) => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { wakeSoon } from ${JSON.stringify(module)};
    const sched = () => readFileSync('/proc/self/sched', 'utf8');
    const before = sched();
    console.log(JSON.stringify({ asked: wakeSoon(), before, after: sched() }));`;
  const { stdout, stderr } = await runProcess([process.execPath, '--input-type=module', '-e', script]);
  t.is(stderr, '');
  const { asked, before, after } = JSON.parse(stdout) as { asked: boolean; before: string; after: string };
  t.true(asked);
  t.is(valueOf(after, 'prio'), valueOf(before, 'prio'));
  t.is(valueOf(after, 'policy'), 0);
  const slice = valueOf(after, 'se\\.slice');
  // Earlier kernels take it and do nothing; some do not show it.
  const [major = 0, minor = 0] = os.release().split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 12)) t.is(slice, 100_000);
  else t.log(`Linux ${os.release()} has no slices of a thread's own`);
});
