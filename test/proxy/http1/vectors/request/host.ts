import { passes, refused, type RequestVector } from '../requestVector.ts';

/** http-safety rule 9: Host and the forms of a target. */
export const hosts: readonly RequestVector[] = [
  refused('no Host in HTTP/1.1 is 400', 'GET /a HTTP/1.1\r\n\r\n'),
  refused('two Host are 400', 'GET /a HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n'),
  refused('two Host in HTTP/1.0 are 400', 'GET /a HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n'),
  ...[
    '',
    'a b',
    'a/b',
    'a@b',
    'a,b c',
    'a\\b',
    'a<b',
    '\xe9',
    'a?b',
    'a#b',
    '[::1',
    '::1',
    'a:b',
    'a:80:80',
    '[x]y',
  ].map((host) => refused(`Host ${JSON.stringify(host)} is 400`, `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`)),
  ...['x.example:8080', '127.0.0.1', '[::1]', '[::1]:80', 'a_b', 'a%20b', 'x:'].map((host) =>
    passes(`Host ${host} passes`, `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  ),
  passes(
    'absolute-form stays, and its authority replaces Host',
    'GET http://y:81/b?c HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET http://y:81/b?c HTTP/1.1\r\nHost: y:81\r\n\r\n',
  ),
  passes(
    'absolute-form without a path stays as it is',
    'GET http://y HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET http://y HTTP/1.1\r\nHost: y\r\n\r\n',
  ),
  passes(
    'absolute-form without a path keeps its query',
    'GET http://y?q HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET http://y?q HTTP/1.1\r\nHost: y\r\n\r\n',
  ),
  passes('https in absolute-form stays', 'GET https://x/b HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('the letters of absolute-form stay', 'GET HTTP://X/%zz/../b HTTP/1.1\r\nHost: X\r\n\r\n'),
  passes(
    'OPTIONS of a whole server is *, as the last proxy has to say',
    'OPTIONS http://y HTTP/1.1\r\nHost: x\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: y\r\n\r\n',
  ),
  passes('OPTIONS of a path in absolute-form stays', 'OPTIONS http://x/ HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('absolute-form with user information is 400', 'GET http://u@y/ HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('absolute-form without a host is 400', 'GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('absolute-form does not do without Host', 'GET http://y/ HTTP/1.1\r\n\r\n'),
  refused('another scheme is 400', 'GET ftp://y/ HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes(
    'the place of Host is the first',
    'GET /a HTTP/1.1\r\nA: b\r\nhOST: x\r\n\r\n',
    'GET /a HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n',
  ),
  ...['a,b', 'a;b', "a'b", 'a(b)', 'a!b', 'a$b', 'a=b', 'A.B', '1', '[2001:db8::1]:65535', 'a:0'].map((host) =>
    passes(`Host ${host} passes too`, `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  ),
  ...['a\tb', '"a"', 'a|b', 'a^b', 'a`b', '{a}', '[::1]]', '[]', '[::1]:x', 'a:123456', ':80', 'http://a'].map((host) =>
    refused(`Host ${JSON.stringify(host)} is 400 too`, `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  ),
  ...[
    'http:/y',
    'http:y',
    'http://',
    'http://:80/',
    'http://y:x/',
    'http://[::1/',
    '//y/a@',
    'x://y/',
    'http://y\\z/',
  ].map((target) =>
    target.startsWith('/')
      ? passes(`the target ${target} is a path`, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)
      : refused(`the target ${target} is 400`, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`),
  ),
  refused('absolute-form with two Host is 400', 'GET http://y/ HTTP/1.1\r\nHost: y\r\nHost: y\r\n\r\n'),
  refused('absolute-form with a wrong Host is 400', 'GET http://y/ HTTP/1.1\r\nHost: a b\r\n\r\n'),
];
