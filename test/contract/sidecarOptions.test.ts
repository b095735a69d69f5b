import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { resourceAnnotations } from '../../contract/labels.ts';
import { sidecarOptions } from '../../contract/sidecarOptions.ts';
import { sidecarSettings } from '../../sidecar/settings.ts';

const settings = Object.values(sidecarSettings);
const parse = (variable: string, text: string): boolean =>
  settings.find((setting) => setting.variable === variable)?.parse(text).ok === true;

for (const option of sidecarOptions) {
  test(`${option.annotation} may be what ${option.variable} may be, and nothing else`, (t) => {
    if (option.type === 'word') {
      for (const word of option.words) t.true(parse(option.variable, word), word);
      t.false(parse(option.variable, 'nothing'));
      return;
    }
    t.true(parse(option.variable, String(option.min)));
    t.true(parse(option.variable, String(option.max)));
    t.false(parse(option.variable, String(option.max + 1)));
    t.false(parse(option.variable, String(option.min - 1)));
  });
}

test('docs/reference.md lists every option and resource', (t) => {
  const reference = readFileSync(path.join(import.meta.dirname, '../../docs/reference.md'), 'utf8');
  const names = [...sidecarOptions.map(({ annotation }) => annotation), ...Object.values(resourceAnnotations)];
  t.deepEqual(
    names.filter((name) => !reference.includes(`\`${name}\``)),
    [],
  );
});
