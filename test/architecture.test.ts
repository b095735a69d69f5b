import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';

const root = path.resolve(import.meta.dirname, '..');
const text = await readFile(path.join(root, 'ARCHITECTURE.md'), 'utf8');
const files = (await readdir(root, { recursive: true }))
  .filter((file) => /\.(?:ts|yaml)$/.test(file) && !/^(?:node_modules|dist|\.git)\//.test(file))
  .map((file) => `/${file}`);

test('every file that ARCHITECTURE.md names exists', (t) => {
  const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => file);
  t.true(named.length > 50);
  t.deepEqual(
    named.filter((file) => !files.some((one) => one.endsWith(`/${file}`))),
    [],
  );
});

test('where it is decided: each file is there, and each name stands in one of them', async (t) => {
  const section = /## Where is it decided\?\n([^]*?)\n## /.exec(text)?.[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:question|---)/.test(line));
  t.true(rows.length > 10);
  for (const row of rows) {
    const [, question = '', where = '', names = ''] = row.split(' | ').length > 2 ? ['', ...row.split(' | ')] : [];
    const paths = [...where.matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|yaml))`/g)].map(([, file = '']) => file);
    const contents = await Promise.all(paths.map((file) => readFile(path.join(root, file), 'utf8')));
    for (const [, name = ''] of names.matchAll(/`([^`]+)`/g))
      t.true(
        contents.some((content) => content.includes(name)),
        `${question.trim()}: ${name}`,
      );
  }
});
