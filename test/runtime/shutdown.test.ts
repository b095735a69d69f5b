import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';

type Line = Readonly<Record<string, unknown>>;

/** Starts programs/shutdown.ts; `seen` waits for a log line by its message. */
function start(t: ExecutionContext, mode: string) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'programs/shutdown.ts'), mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines: Line[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(JSON.parse(line) as Line));
  const seen = async (message: string): Promise<Line> => {
    for (;;) {
      const found = lines.find((line) => line['message'] === message);
      if (found !== undefined) return found;
      await once(reader, 'line');
    }
  };
  return { child, seen, exit: once(child, 'exit') as Promise<[number | null, string | null]> };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} closes in order and ends with 0`, async (t) => {
    const { child, seen, exit } = start(t, 'close');
    await seen('Ready');
    child.kill(signal);
    t.like(await seen('Closed'), { aborted: true });
    t.deepEqual(await exit, [0, null]);
  });
}

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(`a second signal, ${signal}, ends at once with ${code}`, async (t) => {
    const { child, seen, exit } = start(t, 'hang');
    await seen('Ready');
    child.kill('SIGTERM');
    await seen('Shutting down; a second signal ends at once');
    child.kill(signal);
    t.deepEqual(await exit, [code, null]);
  });
}

test('a shutdown that fails says why and ends with 1', async (t) => {
  const { child, seen, exit } = start(t, 'fail');
  await seen('Ready');
  child.kill('SIGTERM');
  t.like(await seen('Shutting down failed'), { error: { message: 'cannot close' } });
  t.deepEqual(await exit, [1, null]);
});

for (const mode of ['throw', 'reject']) {
  test(`an uncaught ${mode} is logged, counted, and the process goes on`, async (t) => {
    const { child, seen, exit } = start(t, mode);
    await seen('Ready');
    child.stdin.write('go\n');
    t.like(await seen('Still here'), { uncaught: 1 });
    t.like(await seen('An error that nothing caught: please report it'), { level: 'error' });
    child.kill('SIGTERM');
    t.deepEqual(await exit, [0, null]);
  });
}
