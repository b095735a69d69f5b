import { execFileSync } from 'node:child_process';
import test from 'ava';
import { countDescriptors, shareDescriptors } from '../../runtime/descriptors.ts';

const program = `import { countDescriptors } from '${import.meta.resolve('../../runtime/descriptors.ts')}';
console.log(JSON.stringify(countDescriptors()));`;

test('the limit of open files is read, and what is open', (t) => {
  const { limit, open } = countDescriptors();
  t.true(limit > open && open > 3);
  const command = 'ulimit -n 77; exec "$0" --input-type=module-typescript -e "$1"';
  const told = execFileSync('sh', ['-c', command, process.execPath, program], { encoding: 'utf8' });
  t.is((JSON.parse(told) as { readonly limit: number }).limit, 77);
});

for (const [limit, open, accepted] of [
  [60, 24, 13],
  [1024, 30, 373],
  [1_048_576, 30, 524_113],
  [Infinity, 0, Infinity],
  [20, 30, 1],
] as const) {
  test(`of ${limit} descriptors, ${open} of them open, ${accepted} are for accepted connections`, (t) => {
    const shared = shareDescriptors({ limit, open });
    t.is(shared.accepted, accepted);
    t.true(limit === Infinity || shared.accepted <= 1 || open + shared.accepted + shared.dialled < limit);
  });
}
