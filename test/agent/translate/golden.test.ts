import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { stringify } from 'yaml';
import { parseFile } from '../../../agent/files/parse.ts';
import type { KubernetesObject } from '../../../agent/objects/types.ts';
import { Store } from '../../../agent/store.ts';
import { followTranslation, translateAll, type Whole, withoutChanges } from './whole.ts';

// One file per case: Kubernetes objects, then `--- # Output` and what they are translated to.
// UPDATE_GOLDEN=1 rewrites the outputs; read the difference before you keep it.
const folder = path.join(import.meta.dirname, 'golden');
const separator = '--- # Output\n';
const shuffles = 12;

for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml'))) {
  const file = path.join(folder, name);
  const [input = '', expected = ''] = readFileSync(file, 'utf8').split(separator);
  const title = name.replace('.yaml', '').replaceAll('-', ' ');

  test(title, (t) => {
    const objects = readObjects(input);
    const output = print(translateAll(objects));
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${input.trimEnd()}\n${separator}${output}`);
    else t.is(output, expected);
    for (let seed = 1; seed <= shuffles; seed += 1) t.is(print(translateAll(shuffle(objects, seed))), output);
  });

  test(`${title}: objects that come and go one by one give the same`, (t) => {
    const objects = readObjects(input);
    const store = new Store();
    const translate = followTranslation();
    let last = translate(store);
    for (const object of shuffle(objects, 99)) {
      store.apply({ type: 'applied', object });
      last = translate(store);
    }
    t.is(print(last), print(translateAll(objects)));
    for (const object of objects) {
      store.apply({ type: 'deleted', object });
      translate(store);
      store.apply({ type: 'applied', object: structuredClone(object) });
    }
    t.is(print(translate(store)), print(last), 'everything removed and put back');
  });
}

function readObjects(input: string): readonly KubernetesObject[] {
  const parsed = parseFile(input);
  if (!parsed.ok) throw new Error(`the input is broken: ${JSON.stringify(parsed.problems)}`);
  return parsed.objects.map(({ object }) => object);
}

function print(translation: Whole): string {
  return stringify(withoutChanges(translation), { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** Fisher-Yates with a linear congruential generator, so that a failure can be repeated. */
function shuffle<T>(items: readonly T[], seed: number): readonly T[] {
  const result = [...items];
  let state = seed;
  for (let last = result.length - 1; last > 0; last -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (last + 1);
    const kept = result[last] as T;
    result[last] = result[other] as T;
    result[other] = kept;
  }
  return result;
}
