import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { bundleCommand, retold } from './transcript.ts';

const folder = path.join(import.meta.dirname, 'transcripts');
const root = path.resolve(import.meta.dirname, '../..');
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const command = bundleCommand();
test.after.always(async () => (await command).remove());

for (const file of readdirSync(folder).toSorted()) {
  test(`What the command prints: ${file.replace('.txt', '').replaceAll('-', ' ')}`, async (t) => {
    const name = path.join(folder, file);
    const expected = await readFile(name, 'utf8');
    const told = await retold((await command).program, expected, import.meta.dirname);
    if (isUpdate) await writeFile(name, told);
    else t.is(told, expected);
    t.true(told.length > 100);
  });
}

for (const page of ['command', 'convert']) {
  test(`What docs/${page}.md shows is what the command prints`, async (t) => {
    const name = path.join(root, `docs/${page}.md`);
    let text = await readFile(name, 'utf8');
    const blocks = [...text.matchAll(/```\n(\$ heddle .*?)```\n/gs)].map(([, block = '']) => block);
    t.true(blocks.length > 0);
    for (const block of blocks) {
      const told = await retold((await command).program, block, root);
      if (isUpdate) text = text.replace(block, () => told);
      else t.is(told, block);
    }
    if (isUpdate) await writeFile(name, text);
  });
}
