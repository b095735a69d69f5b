import test from 'ava';
import { type FileState, settleFiles } from '../../../agent/files/settle.ts';
import { type LocatedObject, parseFile } from '../../../agent/files/parse.ts';
import { objectKey } from '../../../agent/objects/types.ts';

/** `now` and `before` are names of Services, one letter each; undefined: the file is broken now. */
function file(now: string | undefined, before = ''): FileState {
  const parsed = now === undefined ? parseFile('kind: [') : { ok: true as const, objects: objects(now), ignored: [] };
  return { parsed, good: objects(before) };
}

function objects(names: string): readonly LocatedObject[] {
  return names.split('').flatMap((name, index) => {
    const parsed = parseFile(`apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}`);
    return parsed.ok ? parsed.objects.map(({ object }) => ({ object, line: index + 1 })) : [];
  });
}

const cases: readonly (readonly [
  title: string,
  files: Record<string, FileState>,
  served: Record<string, string>,
  broken: string,
])[] = [
  ['files without common objects serve as they are', { a: file('x'), b: file('y') }, { a: 'x', b: 'y' }, ''],
  ['a broken file serves its last good version', { a: file(undefined, 'x'), b: file('y') }, { a: 'x', b: 'y' }, 'a'],
  ['among new files the first by name has the object', { b: file('x'), a: file('x') }, { a: 'x', b: '' }, 'b'],
  ['who served an object keeps it', { a: file('x'), b: file('x', 'x') }, { a: '', b: 'x' }, 'a'],
  ['an object may move to another file', { a: file('', 'x'), b: file('x') }, { a: '', b: 'x' }, ''],
  ['two files may swap their objects', { a: file('y', 'x'), b: file('x', 'y') }, { a: 'y', b: 'x' }, ''],
  [
    'a broken file does not give an object up',
    { a: file(undefined, 'x'), b: file('xy', 'y') },
    { a: 'x', b: 'y' },
    'ab',
  ],
  [
    'who falls back takes its objects back',
    { a: file('z', 'x'), b: file('x'), c: file('z', 'z') },
    { a: 'x', b: '', c: 'z' },
    'ab',
  ],
];

for (const [title, files, served, broken] of cases) {
  test(title, (t) => {
    const settled = settleFiles(new Map(Object.entries(files)));
    const names = [...settled].map(([name, { good }]) => [
      name,
      good.map(({ object }) => objectKey(object).at(-1)).join(''),
    ]);
    t.deepEqual(Object.fromEntries(names), served);
    t.is(
      [...settled]
        .filter(([, { problems }]) => problems.length > 0)
        .map(([name]) => name)
        .sort()
        .join(''),
      broken,
    );
  });
}
