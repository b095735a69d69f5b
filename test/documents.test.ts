import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

const root = path.resolve(import.meta.dirname, '..');
const inDocs = readdirSync(path.join(root, 'docs')).filter((file) => file.endsWith('.md'));
const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...inDocs.map((file) => `docs/${file}`),
  'crds/README.md',
];

const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

/** Where the links of a page lead that stay in the repository; code is no link. */
function linksOf(page: string): string[] {
  const prose = textOf(page)
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/`[^`\n]*`(?!\])/g, '');
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link).filter((link) => !/^\w+:/.test(link));
}

/** The anchors that a page has, as GitHub makes them of its headings. */
function anchorsOf(page: string): Set<string> {
  const prose = textOf(page).replaceAll(/^```.*?^```/gms, '');
  const headings = Array.from(prose.matchAll(/^#+ (.+)$/gm), ([, heading = '']) => heading);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('every link of the documents leads to a file and a heading that exist', (t) => {
  let seen = 0;
  for (const page of pages) {
    for (const link of linksOf(page)) {
      seen++;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), file);
      t.true(existsSync(path.join(root, target)), `${page}: ${link}`);
      if (anchor !== undefined) t.true(anchorsOf(target).has(anchor), `${page}: ${link}`);
    }
  }
  t.true(seen > 60, `${seen}`);
});

test('the README leads to every page of docs', (t) => {
  // What comes next is for those who work on Heddle.
  const others = inDocs.filter((file) => file !== 'next.md').map((file) => `docs/${file}`);
  const linked = new Set(linksOf('README.md').map((link) => link.split('#')[0]));
  t.deepEqual(
    others.filter((page) => !linked.has(page)),
    [],
  );
});
