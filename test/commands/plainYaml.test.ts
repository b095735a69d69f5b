import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import * as fc from 'fast-check';
import { parseAllDocuments, stringify } from 'yaml';
import { readPlainYaml } from '../../commands/mesh/plainYaml.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** What a parser of all of YAML reads; undefined where it complains. */
function readWhole(text: string): unknown {
  const documents = parseAllDocuments(text, { merge: true, logLevel: 'error' });
  const all = Array.isArray(documents) ? documents : [];
  if (all.some(({ errors }) => errors.length > 0)) return undefined;
  return all.map((document) => document.toJS() as unknown).filter((value) => value !== null);
}

function readPlain(text: string): unknown {
  return readPlainYaml(text)?.map(({ value }) => value);
}

test('What is read fast is read alike: every YAML file of this repository', (t) => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.ya?ml$/.test(file) && !/^(?:node_modules|dist|\.git)\//.test(file),
  );
  let fast = 0;
  for (const file of files) {
    const text = readFileSync(path.join(root, file), 'utf8');
    const plain = readPlain(text);
    if (plain === undefined) continue;
    fast += 1;
    t.deepEqual(plain, readWhole(text), file);
  }
  t.true(fast > files.length / 10, `${fast} of ${files.length}`);
});

const scalar = fc.oneof(
  fc.constantFrom(
    'a',
    'true',
    'null',
    '1',
    '1.5',
    '1e3',
    '10.96.0.10',
    '0x1f',
    '007',
    '~',
    '',
    'a: b',
    'a #b',
    '- a',
    '{a}',
    "it's",
    '*',
    'http://x:80/y',
    '2026-01-01T00:00:00Z',
    '.5',
    '-1',
    'yes',
  ),
  fc.string({ maxLength: 6 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b-c', 'd/e', '1', 'true', 'x y'), tie('tree'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
}));

test('What is read fast is read alike: random documents, as they are printed', (t) => {
  let fast = 0;
  const property = fc.property(fc.array(tree, { minLength: 1, maxLength: 2 }), (trees) => {
    const text = trees.map((one) => stringify({ one })).join('---\n');
    const plain = readPlain(text);
    if (plain === undefined) return;
    fast += 1;
    const whole = readWhole(text);
    if (JSON.stringify(plain) !== JSON.stringify(whole)) throw new Error(`${text}\n${JSON.stringify(plain)}`);
  });
  fc.assert(property, { seed: 20_261_128, numRuns: 3000 });
  t.true(fast > 500, String(fast));
});

const pieces = fc.constantFrom(
  'a:',
  'b: c',
  '- d',
  '- e: f',
  "g: 'h'",
  'i: {j: k}',
  'l: { m: [n, 1] }',
  '#',
  ' ',
  '  ',
  '---',
  '|',
  'o: >',
  "p: 'q",
  'r: "s\\n"',
  't: &u v',
  '- - w',
  'x: y: z',
  '-',
  'a: - b',
  'k:v',
  'q: [',
  'z: 1 # c',
);
const soup = fc.array(fc.tuple(fc.constantFrom('', '', '  ', '    '), pieces), { maxLength: 8 });

test('What is read fast is read alike, or not at all: lines thrown together', (t) => {
  let fast = 0;
  const property = fc.property(soup, (lines) => {
    const text = lines.map(([indent, piece]) => `${indent}${piece}\n`).join('');
    const plain = readPlain(text);
    if (plain === undefined) return;
    fast += 1;
    const whole = readWhole(text);
    if (JSON.stringify(plain) !== JSON.stringify(whole))
      throw new Error(`${text}\n${JSON.stringify(plain)} ${JSON.stringify(whole)}`);
  });
  fc.assert(property, { seed: 20_261_128, numRuns: 20_000 });
  t.true(fast > 100, String(fast));
});
