import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { bufferedOutput } from '../../runtime/bufferedOutput.ts';

const droppedLine = (count: number, reason: string) => `dropped ${count} ${reason}\n`;

function scratch(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'heddle-output-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return path.join(folder, 'out');
}

function openFile(t: ExecutionContext) {
  const file = scratch(t);
  const fd = openSync(file, 'a');
  t.teardown(() => closeSync(fd));
  return { fd, read: () => readFileSync(file, 'utf8') };
}

test('lines leave in order after the flush time', async (t) => {
  const { fd, read } = openFile(t);
  const output = bufferedOutput(fd, { flushMs: 20, droppedLine });
  output.write('first\n');
  output.write('zweite: ä€😀\n');
  t.is(read(), '');
  // A busy machine may take its time.
  for (let tries = 0; tries < 3000 && read() === ''; tries++) await sleep(10);
  t.is(read(), 'first\nzweite: ä€😀\n');
});

test('flushSync writes at once', (t) => {
  const { fd, read } = openFile(t);
  const output = bufferedOutput(fd, { flushMs: 60_000, droppedLine });
  output.write('a\n');
  output.flushSync();
  t.is(read(), 'a\n');
});

test('lines that wait keep no process alive and are written when it ends', async (t) => {
  const module = new URL('../../runtime/bufferedOutput.ts', import.meta.url).href;
  const program = `import { bufferedOutput } from ${JSON.stringify(module)};
    bufferedOutput(1, { flushMs: 60_000, droppedLine: String }).write('last words\\n');`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await execa(process.execPath, args, { timeout: 60_000, stripFinalNewline: false });
  t.is(stdout, 'last words\n');
});

test('many lines and a line larger than a chunk arrive whole and in order', async (t) => {
  const { fd, read } = openFile(t);
  const output = bufferedOutput(fd, { flushMs: 10, droppedLine });
  const written: string[] = [];
  // Less than may wait altogether, so that none is dropped however slow the disk is.
  for (let i = 0; i < 15_000; i++) {
    const line = i === 5000 ? `${'x'.repeat(100_000)}\n` : `line ${i} ${'y'.repeat(i % 90)}\n`;
    written.push(line);
    output.write(line);
    if (i % 500 === 0) await sleep(1);
  }
  const whole = written.join('');
  for (let tries = 0; tries < 3000 && Buffer.byteLength(read()) < whole.length; tries++) await sleep(10);
  t.is(output.dropped, 0);
  t.is(read(), whole);
});

test('a reader that stalls costs lines, which are counted and reported, not memory', async (t) => {
  const fifo = scratch(t);
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  t.teardown(() => closeSync(reader));
  t.teardown(() => closeSync(fd));
  const output = bufferedOutput(fd, { flushMs: 5, droppedLine });
  const line = `${'z'.repeat(999)}\n`;
  for (let i = 0; i < 5000; i++) {
    output.write(line);
    if (i % 100 === 0) await sleep(1);
  }
  t.true(output.dropped > 3500, `${output.dropped} dropped`);
  let text = '';
  const chunk = Buffer.alloc(65_536);
  const deadline = Date.now() + 60_000;
  while (!text.includes('dropped') && Date.now() < deadline) {
    try {
      text += chunk.toString('latin1', 0, readSync(reader, chunk));
    } catch {
      await sleep(1);
    }
  }
  const lines = text.split('\n').slice(0, -1);
  const kept = lines.filter((one) => one.length === 999);
  t.is(kept.length, 5000 - output.dropped);
  const told = lines.filter((one) => one.startsWith('dropped '));
  t.is(
    told.reduce((sum, one) => sum + Number(one.split(' ')[1]), 0),
    output.dropped,
  );
  t.is(told.length + kept.length, lines.length);
  t.true(told.some((one) => one.endsWith(' slowReader')));
});

test('more lines at once than may wait are dropped as such, though they are read at once', async (t) => {
  const { fd, read } = openFile(t);
  const output = bufferedOutput(fd, { flushMs: 5, droppedLine });
  for (let i = 0; i < 5000; i++) output.write(`${'z'.repeat(999)}\n`);
  t.true(output.dropped > 3500, `${output.dropped} dropped`);
  for (let tries = 0; tries < 3000 && !read().includes('dropped'); tries++) await sleep(10);
  t.true(read().endsWith(`dropped ${output.dropped} burst\n`));
});

test('output that cannot be written harms nothing', async (t) => {
  const fd = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(fd));
  const output = bufferedOutput(fd, { flushMs: 5, droppedLine });
  output.write('lost\n');
  await sleep(100);
  output.write('lost too\n');
  output.flushSync();
  t.is(output.dropped, 0);
});
