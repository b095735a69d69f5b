import test from 'ava';
import { giveBackStartupPages, unchangedMappings } from '../../sidecar/startupPages.ts';

const node = '/usr/bin/node';
const mapping = (range: string, access: string, file: string, anonymousKb = 0): string =>
  `${range} ${access} 00000000 fe:00 123    ${file}\nSize:  8 kB\nRss:   4 kB\nAnonymous:   ${anonymousKb} kB\nVmFlags: rd ex mr mw me\n`;

const cases: Readonly<Record<string, readonly [string, number]>> = {
  'code of the program counts': [mapping('1000-3000', 'r-xp', node), 1],
  'read-only data of the program counts': [mapping('1000-3000', 'r--p', node), 1],
  'a mapping with pages of its own (relocated) does not': [mapping('1000-3000', 'r--p', node, 4), 0],
  'a writable mapping does not': [mapping('1000-3000', 'rw-p', node), 0],
  'another file does not': [mapping('1000-3000', 'r-xp', '/lib/libc.so.6'), 0],
  'memory without a file does not': ['7f00-8000 r-xp 00000000 00:00 0 \nRss: 4 kB\nAnonymous: 0 kB\n', 0],
  'a mapping that does not tell its own pages does not': [
    `1000-3000 r-xp 00000000 fe:00 123    ${node}\nRss: 4 kB\n`,
    0,
  ],
  'nothing comes of nothing': ['', 0],
};

for (const [title, [smaps, count]] of Object.entries(cases)) {
  test(title, (t) => t.is(unchangedMappings(smaps, node).length, count));
}

test('addresses and sizes are read from among other mappings', (t) => {
  const smaps =
    mapping('a000-c000', 'rw-p', node) + mapping('1000-3000', 'r-xp', node) + mapping('c000-d000', 'rw-p', '');
  t.deepEqual(unchangedMappings(smaps, node), [{ start: 0x1000, end: 0x3000, residentKb: 4 }]);
});

test('this process lives on after giving back megabytes, and has them no longer', (t) => {
  const given = giveBackStartupPages();
  t.true(given > 4096, `${given} kB`);
  // Code that was not in use a moment ago still runs.
  t.is(new Intl.NumberFormat('en').format(1234.5), '1,234.5');
  t.deepEqual(JSON.parse('{"a":[1,2]}'), { a: [1, 2] });
});
