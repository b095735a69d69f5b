import test from 'ava';
import { rewritePath } from '../../../routing/filters/rewrite.ts';

const rows: readonly [path: string, prefix: string, replacement: string, result: string][] = [
  // The table of https://gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '', '/bar'],
  ['/foo/', '/foo', '', '/'],
  ['/foo', '/foo', '', '/'],
  ['/foo/', '/foo', '/', '/'],
  ['/foo', '/foo', '/', '/'],
  // Beyond the table
  ['/foo/bar', '/foo', '/', '/bar'],
  ['/bar', '/', '/xyz', '/xyz/bar'],
  ['/', '/', '/xyz', '/xyz/'],
  ['/bar', '/', '/', '/bar'],
  ['/foo/a%2Fb', '/foo', '/xyz', '/xyz/a%2Fb'],
  ['/foo//bar', '/foo', '/xyz', '/xyz//bar'],
  ['/foo/bar', '/foo', 'xyz', '/xyz/bar'],
];

for (const [path, prefix, replacement, result] of rows) {
  test(`ReplacePrefixMatch of ${prefix} by "${replacement}" turns ${path} into ${result}`, (t) => {
    t.is(rewritePath({ type: 'ReplacePrefixMatch', value: replacement }, path, prefix), result);
  });
}

test('ReplaceFullPath takes the place of the whole path, whatever matched', (t) => {
  t.is(rewritePath({ type: 'ReplaceFullPath', value: '/new' }, '/foo/bar', '/foo'), '/new');
  t.is(rewritePath({ type: 'ReplaceFullPath', value: '/new/' }, '/foo/bar', undefined), '/new/');
  t.is(rewritePath({ type: 'ReplaceFullPath', value: '' }, '/foo/bar', undefined), '/');
});

test('ReplacePrefixMatch leaves the path as it is where no prefix matched', (t) => {
  t.is(rewritePath({ type: 'ReplacePrefixMatch', value: '/new' }, '/foo/bar', undefined), '/foo/bar');
});

test('What would end the path, the line or the message is percent-encoded', (t) => {
  t.is(full('/a b?c#d'), '/a%20b%3Fc%23d');
  t.is(full('/a HTTP/1.1\r\nx: y'), '/a%20HTTP/1.1%0D%0Ax:%20y');
  t.is(full('/é/%C3%A9'), '/%C3%A9/%C3%A9');
  t.is(full('/\uD800'), '/%EF%BF%BD');
  t.is(full('/a%/100%zz%2f'), '/a%25/100%25zz%2f');
  t.is(full('/\\a"<>^`{|}[]'), '/%5Ca%22%3C%3E%5E%60%7B%7C%7D%5B%5D');
  t.is(full("/-._~!$&'()*+,;=:@"), "/-._~!$&'()*+,;=:@");
  t.is(rewritePath({ type: 'ReplacePrefixMatch', value: '/x y' }, '/foo/bar', '/foo'), '/x%20y/bar');
});

function full(value: string): string {
  return rewritePath({ type: 'ReplaceFullPath', value }, '/', undefined);
}
