import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { FileProblem } from '../../../agent/files/parse.ts';
import { watchFiles } from '../../../agent/files/watch.ts';
import { objectKey } from '../../../agent/objects/types.ts';
import type { SourceEvent } from '../../../agent/source.ts';
import { undisturbed } from '../../undisturbed.ts';

type Watched = {
  readonly folder: string;
  readonly write: (file: string, text: string) => Promise<void>;
  readonly problems: Map<string, readonly FileProblem[]>;
  /** Resolves once the events so far end with these, each printed as `applied Service default/a`. */
  readonly expect: (...events: readonly string[]) => Promise<void>;
  readonly events: readonly string[];
};

/** Watches a new folder, which is removed when the test ends. */
async function watchFolder(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  pollMs = 60_000,
): Promise<Watched> {
  const folder = await mkdtemp(path.join(tmpdir(), 'heddle-files-'));
  const write = (file: string, text: string): Promise<void> => writeFile(path.join(folder, file), text);
  for (const [file, text] of Object.entries(files)) await write(file, text);
  const problems = new Map<string, readonly FileProblem[]>();
  const events: string[] = [];
  const abort = new AbortController();
  const report = {
    problems: (file: string, found: readonly FileProblem[]) => void problems.set(file, found),
    ignored: () => undefined,
  };
  const watching = (async () => {
    for await (const event of watchFiles(folder, { signal: abort.signal, report, pollMs })) {
      events.push(print(event));
    }
  })();
  t.teardown(async () => {
    abort.abort();
    await watching;
    await rm(folder, { recursive: true, force: true });
  });
  const expect = async (...wanted: readonly string[]): Promise<void> => {
    await until(() => events.length >= wanted.length);
    t.deepEqual(events.splice(0), [...wanted]);
  };
  return { folder, write, problems, expect, events };
}

function print(event: SourceEvent): string {
  if (event.type === 'listed') return 'listed';
  if (event.type === 'completeness') return event.complete ? 'complete' : 'incomplete';
  return `${event.type} ${objectKey(event.object)}`;
}

const service = (name: string, port = 80): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: ${port}}]}\n`;

test('what is there at the start is applied before it is listed', async (t) => {
  const { expect } = await watchFolder(t, {
    'a.yaml': service('a'),
    'b.yml': service('b'),
    'c.json': '{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"}}',
    'notes.txt': 'no YAML: [',
    '.hidden.yaml': '[',
  });
  await expect('applied Service default/a', 'applied Service default/b', 'applied Service default/c', 'listed');
});

test('a change is seen long before the folder would be looked at again, and only what changed is applied', async (t) => {
  const { expect, write } = await watchFolder(t, { 'a.yaml': `${service('a')}---\n${service('b')}` });
  await expect('applied Service default/a', 'applied Service default/b', 'listed');
  for (let port = 81; port < 86; port += 1) {
    await write('a.yaml', `${service('a')}---\n${service('b', port)}`);
    await expect('applied Service default/b');
  }
});

test('an added file adds its objects, a removed file removes them', async (t) => {
  const { expect, write, folder } = await watchFolder(t, { 'a.yaml': service('a') });
  await expect('applied Service default/a', 'listed');
  await write('b.yaml', service('b'));
  await expect('applied Service default/b');
  await rm(path.join(folder, 'a.yaml'));
  await expect('deleted Service default/a');
});

test('a broken file is reported and its last good version keeps serving until it is good again', async (t) => {
  const { expect, write, problems, events } = await watchFolder(t, { 'a.yaml': service('a'), 'b.yaml': service('b') });
  await expect('applied Service default/a', 'applied Service default/b', 'listed');
  await write('a.yaml', `${service('a', 81)}---\nkind: [\n`);
  await until(() => problems.has('a.yaml'));
  t.is(problems.get('a.yaml')?.[0]?.line, 7);
  await write('b.yaml', service('b', 81));
  await expect('applied Service default/b');
  t.deepEqual(events, []);
  await write('a.yaml', service('a', 82));
  await expect('applied Service default/a');
  t.deepEqual(problems.get('a.yaml'), []);
});

test('a file that is broken from the start serves nothing, and the source is incomplete until it is good', async (t) => {
  const { expect, write, problems } = await watchFolder(t, { 'a.yaml': 'kind: [', 'b.yaml': service('b') });
  await expect('incomplete', 'applied Service default/b', 'listed');
  t.is(problems.get('a.yaml')?.length, 1);
  await write('a.yaml', service('a'));
  await expect('applied Service default/a', 'complete');
  await write('a.yaml', 'kind: [');
  await until(() => problems.get('a.yaml')?.length === 1);
  await write('b.yaml', service('b', 81));
  await expect('applied Service default/b');
});

test('the source is complete when a file that never was good is removed', async (t) => {
  const { expect, folder } = await watchFolder(t, { 'a.yaml': 'kind: [' });
  await expect('incomplete', 'listed');
  await rm(path.join(folder, 'a.yaml'));
  await expect('complete');
});

test('an object in two files is reported, and taken from the second when the first is removed', async (t) => {
  const { expect, write, problems, folder } = await watchFolder(t, { 'a.yaml': service('a') });
  await expect('applied Service default/a', 'listed');
  await write('b.yaml', service('a', 81));
  await expect('incomplete');
  t.regex(problems.get('b.yaml')?.[0]?.message ?? '', /also in a\.yaml/);
  await rm(path.join(folder, 'a.yaml'));
  await expect('applied Service default/a', 'complete');
  t.deepEqual(problems.get('b.yaml'), []);
});

test('an editor that writes another file and renames it is followed', async (t) => {
  const { expect, write, folder } = await watchFolder(t, { 'a.yaml': service('a') });
  await expect('applied Service default/a', 'listed');
  await write('a.yaml.swp', service('a', 81));
  await rename(path.join(folder, 'a.yaml'), path.join(folder, 'a.yaml~'));
  await rename(path.join(folder, 'a.yaml.swp'), path.join(folder, 'a.yaml'));
  await expect('applied Service default/a');
});

test('a file that is moved aside for a moment does not lose its objects', async (t) => {
  // What is a moment is timed.
  await undisturbed(t, 25, async (round) => {
    const { expect, folder, events, write } = await watchFolder(round, { 'a.yaml': service('a') });
    await expect('applied Service default/a', 'listed');
    renameSync(path.join(folder, 'a.yaml'), path.join(folder, 'a.yaml~'));
    await pause(10);
    // At once: after a pause of this thread, what the watcher waits for is due as well.
    renameSync(path.join(folder, 'a.yaml~'), path.join(folder, 'a.yaml'));
    await write('b.yaml', service('b'));
    await expect('applied Service default/b');
    await pause(60);
    round.deepEqual(events, []);
  });
});

test('a file that is renamed keeps serving without a word', async (t) => {
  const { expect, folder, events, problems } = await watchFolder(t, { 'a.yaml': service('a') });
  await expect('applied Service default/a', 'listed');
  await rename(path.join(folder, 'a.yaml'), path.join(folder, 'b.yaml'));
  await pause(120);
  t.deepEqual([events, [...problems]], [[], []]);
});

test('a file that is truncated and written again does not lose its objects in between', async (t) => {
  await undisturbed(t, 60, async (round) => {
    const { expect, folder, events } = await watchFolder(round, { 'a.yaml': service('a') });
    await expect('applied Service default/a', 'listed');
    writeFileSync(path.join(folder, 'a.yaml'), '');
    await pause(60);
    round.deepEqual(events, []);
    writeFileSync(path.join(folder, 'a.yaml'), service('a', 81));
    await expect('applied Service default/a');
  });
});

test('a file that stays empty has no objects', async (t) => {
  const { expect, write } = await watchFolder(t, { 'a.yaml': service('a') });
  await expect('applied Service default/a', 'listed');
  await write('a.yaml', '');
  await expect('deleted Service default/a');
});

test('the symbolic links of a mounted ConfigMap are followed when they are swapped', async (t) => {
  const { expect, folder } = await watchFolder(t, {});
  await expect('listed');
  for (const [version, port] of [
    ['..1', 80],
    ['..2', 81],
  ] as const) {
    await mkdir(path.join(folder, version));
    await writeFile(path.join(folder, version, 'a.yaml'), service('a', port));
    await symlink(version, path.join(folder, '..data_tmp'));
    await rename(path.join(folder, '..data_tmp'), path.join(folder, '..data'));
    if (version === '..1') await symlink('..data/a.yaml', path.join(folder, 'a.yaml'));
    await expect('applied Service default/a');
  }
});

test('a change that the kernel does not tell of is found by looking', async (t) => {
  const outside = await mkdtemp(path.join(tmpdir(), 'heddle-outside-'));
  t.teardown(() => rm(outside, { recursive: true }));
  await writeFile(path.join(outside, 'real.yaml'), service('a'));
  const { expect, folder } = await watchFolder(t, {}, 30);
  await symlink(path.join(outside, 'real.yaml'), path.join(folder, 'a.yaml'));
  await expect('listed', 'applied Service default/a');
  await writeFile(path.join(outside, 'real.yaml'), service('a', 81));
  await expect('applied Service default/a');
});

test('a folder that goes away keeps serving and is found again', async (t) => {
  const { expect, folder, problems, events } = await watchFolder(t, { 'a.yaml': service('a') }, 30);
  await expect('applied Service default/a', 'listed');
  await rename(folder, `${folder}-away`);
  await until(() => problems.get('')?.length === 1);
  t.deepEqual(events, []);
  await mkdir(folder);
  await expect('deleted Service default/a');
  t.deepEqual(problems.get(''), []);
  await writeFile(path.join(folder, 'b.yaml'), service('b'));
  await expect('applied Service default/b');
  await writeFile(path.join(folder, 'b.yaml'), service('b', 81));
  await expect('applied Service default/b');
  await rm(`${folder}-away`, { recursive: true });
});

test('a folder that is replaced under its name is watched, not only looked at', async (t) => {
  const { expect, folder, write } = await watchFolder(t, { 'a.yaml': service('a') }, 4000);
  await expect('applied Service default/a', 'listed');
  await pause(50);
  await rename(folder, `${folder}-away`);
  await mkdir(folder);
  await write('a.yaml', service('a', 81));
  await expect('applied Service default/a');
  const took: number[] = [];
  for (const port of [82, 83, 84, 85, 86]) {
    const started = performance.now();
    await write('a.yaml', service('a', port));
    await expect('applied Service default/a');
    took.push(performance.now() - started);
  }
  // By looking alone every one but the first would take all of the four seconds.
  t.true(Math.min(...took.slice(1)) < 1000, `took ${took.map(Math.round).join(', ')} ms`);
  await rm(`${folder}-away`, { recursive: true });
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 15_000 && !condition(); tries += 1) await pause(2);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
