import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { convert } from '../../../commands/convert/convert.ts';
import { printYaml } from '../../../commands/convert/print.ts';
import { readObjects } from '../../../commands/convert/readObjects.ts';
import { faultsOf } from './translated.ts';

// One file per case: what is converted, then `--- # Output` and what it becomes, then `--- # Translation` and what the
// agent finds fault with in that, which is nothing but in cases that say so. UPDATE_GOLDEN=1 rewrites both.
const folder = path.join(import.meta.dirname, 'golden');
const separators = ['--- # Output\n', '--- # Translation\n'] as const;
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

test('there are at least 40 cases', (t) => {
  t.true(files.length >= 40, `${files.length}`);
});

for (const name of files) {
  test(name.replace('.yaml', '').replaceAll('-', ' '), (t) => {
    const file = path.join(folder, name);
    const [input = '', rest = ''] = readFileSync(file, 'utf8').split(separators[0]);
    const [expected = '', faults = ''] = rest.split(separators[1]);
    const { values, problems } = readObjects(input);
    t.deepEqual(problems, []);
    const conversion = convert(values);
    const output = printYaml(conversion);
    const found = faultsOf(conversion.made, values).map((fault) => `# ${fault}\n`);
    if (process.env['UPDATE_GOLDEN'] === '1') {
      const translation = found.length === 0 ? '' : `${separators[1]}${found.join('')}`;
      writeFileSync(file, `${input.trimEnd()}\n${separators[0]}${output}${translation}`);
      t.pass();
    } else {
      t.is(output, expected);
      t.is(found.join(''), faults);
    }
    t.deepEqual(readObjects(output).values, JSON.parse(JSON.stringify(conversion.made)), 'its text is the objects');
  });
}
