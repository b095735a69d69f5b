import test from 'ava';
import { compileOrigins } from '../../../routing/filters/origins.ts';

type Row = readonly [allowed: string, allows: readonly string[], refuses: readonly string[]];

const rows: readonly Row[] = [
  [
    'https://www.foo.com',
    ['https://www.foo.com', 'https://www.foo.com:443', 'HTTPS://WWW.foo.com'],
    [
      'http://www.foo.com',
      'https://foo.com',
      'https://www.foo.com:8443',
      'https://www.foo.com:80',
      'https://www.foo.com.evil.example',
      'https://www.foo.com/',
      'https://www.foo.com, https://www.foo.com',
      'null',
      '',
    ],
  ],
  ['http://b.example:8080', ['http://b.example:8080'], ['http://b.example', 'http://b.example:80']],
  ['http://b.example', ['http://b.example:80'], ['http://b.example:443', 'http://b.example:8080']],
  [
    'https://*.bar.com',
    ['https://www.bar.com', 'https://xpto.www.bar.com', 'https://www.bar.com:443', 'https://WWW.Bar.com'],
    [
      'https://bar.com',
      'https://.bar.com',
      'https://foobar.com',
      'http://www.bar.com',
      'https://www.bar.com:8443',
      'https://evil.example/.bar.com',
      'https://evil.example?.bar.com',
      'https://evil.example#.bar.com',
      'https://evil.example:443.bar.com',
      'https://user@x.bar.com',
      'https://a.bar.com, https://b.bar.com',
      'https://www.bar.com.evil.example',
    ],
  ],
  ['https://*.bar.com:8443', ['https://www.bar.com:8443'], ['https://www.bar.com', 'https://www.bar.com:18443']],
  ['http://*', ['http://a', 'http://a.b.c', 'http://[::1]', 'http://a:80'], ['https://a', 'http://a:8080', 'http://']],
  ['http://*:8080', ['http://a.b:8080', 'http://[::1]:8080'], ['http://a.b', 'http://a.b:18080', 'http://:8080']],
  [
    '*',
    ['https://a', 'http://a:12345', 'null', 'chrome-extension://abc', 'http://[fd00::1]:9'],
    ['', 'a', 'https://a, https://b', 'https://a b', 'https://a/x'],
  ],
];

for (const [allowed, allows, refuses] of rows) {
  test(`${allowed} allows these origins and refuses those`, (t) => {
    const allowsOrigin = compileOrigins(['https://other.example', allowed].slice(allowed === '*' ? 1 : 0));
    for (const origin of allows) t.true(allowsOrigin(origin), origin);
    for (const origin of refuses) t.false(allowsOrigin(origin), origin);
  });
}

test('Nothing allows nothing', (t) => {
  t.false(compileOrigins([])('https://a'));
  t.false(compileOrigins([])('null'));
});
