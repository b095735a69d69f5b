import { others } from './otherFields.ts';
import { fieldsOf, get, type HeadVector, long, passes, post, refused, withBody } from './requestVector.ts';

/** RFC 9113 section 8.3.1: the pseudo-header fields of a request. */
const pseudoFields: readonly HeadVector[] = [
  passes('the four of them', get, {}),
  passes('in another order', ':path: /a\n:authority: x\n:scheme: http\n:method: GET\n', {}),
  passes('https', get.replace('http', 'https'), { scheme: 'https' }),
  refused('none of them', 'incomplete', 'a: b\n'),
  refused('an empty block', 'incomplete', ''),
  ...[':method: GET\n', ':scheme: http\n', ':path: /a\n'].map((line) =>
    refused(`without ${line.slice(0, -1)}`, 'incomplete', get.replace(line, '')),
  ),
  ...[':method: GET\n', ':scheme: http\n', ':path: /a\n', ':authority: x\n'].map((line) =>
    refused(`twice ${line.slice(0, -1)}`, 'pseudo', `${get}${line}`),
  ),
  refused('one of a response', 'pseudo', `${get}:status: 200\n`),
  refused('an unknown one', 'pseudo', `${get}:other: a\n`),
  refused('a lone colon', 'pseudo', `${get}:: a\n`),
  refused('one with capital letters', 'pseudo', get.replace(':path', ':Path')),
  refused('one behind an ordinary field', 'pseudo', `:method: GET\n:scheme: http\na: b\n:path: /a\n:authority: x\n`),
  refused('one behind a cookie', 'pseudo', `:method: GET\n:scheme: http\n:path: /a\ncookie: a\n:authority: x\n`),
  refused(
    'one behind Host, which is no pseudo-header field',
    'pseudo',
    ':method: GET\nhost: x\n:path: /a\n:scheme: http\n',
  ),
  refused('the same behind the end of a whole request', 'pseudo', `${get}a: b\n:path: /b\n`),
  ...['ftp', '', 'HTTP', 'http ', 'http:'].map((scheme) =>
    refused(`:scheme ${JSON.stringify(scheme)}`, 'scheme', get.replace('http', scheme)),
  ),
  ...['', 'G T', 'G\tT', 'G\0T', 'GET ', 'G:T', '\xe9', 'G/T'].map((method) =>
    refused(`:method ${JSON.stringify(method)}`, 'method', get.replace('GET', method)),
  ),
  passes('a method in small letters is another one', get.replace('GET', 'get'), { method: 'get' }),
  passes('a method of 64 letters', get.replace('GET', long(64)), { method: long(64) }),
  refused('a method of 65 letters', 'methodTooLong', get.replace('GET', long(65))),
];

const path = (value: string): string => get.replace('/a', value);
const authority = (value: string): string => get.replace(':authority: x', `:authority: ${value}`);

/** What may stand in a path: as in the request line of HTTP/1.1. */
const paths: readonly HeadVector[] = [
  passes('/', path('/'), { path: '/' }),
  passes('a query', path('/a?b=c&d'), { path: '/a', query: 'b=c&d', hasQuery: true }),
  passes('an empty query', path('/a?'), { path: '/a', query: '', hasQuery: true }),
  passes('a question mark in a query', path('/a?b?c'), { path: '/a', query: 'b?c', hasQuery: true }),
  passes('dots, empty segments and what is no percent-encoding stay', path('/../a//%zz/./'), { path: '/../a//%zz/./' }),
  passes('what looks like an authority', path('//y/b'), { path: '//y/b' }),
  passes('* for OPTIONS', path('*').replace('GET', 'OPTIONS'), { method: 'OPTIONS', path: '*' }),
  passes('* before its method', ':path: *\n:scheme: http\n:authority: x\n:method: OPTIONS\n', {
    method: 'OPTIONS',
    path: '*',
  }),
  refused('* for GET', 'target', path('*')),
  refused('* with a query', 'target', path('*?a').replace('GET', 'OPTIONS')),
  refused('** for OPTIONS', 'target', path('**').replace('GET', 'OPTIONS')),
  refused('an empty one', 'target', path('')),
  refused('an empty one for OPTIONS', 'target', path('').replace('GET', 'OPTIONS')),
  refused('a query alone', 'target', path('?a')),
  refused('one without its slash', 'target', path('a/b')),
  refused('absolute-form', 'target', path('http://x/a')),
  ...['/a b', '/a#b', '/a\tb', '/a\0b', '/a\rb', '/a\x7fb', '/\xe9', '/a?b#c', '/a?b c', ' /a', '/a '].map((value) =>
    refused(JSON.stringify(value), 'target', path(value)),
  ),
  refused('a line break, and what would be another request', 'target', path('/a HTTP/1.1\r').replaceAll('\n ', ' ')),
  passes('one of 8 KiB', path(`/${long(8191)}`), { path: `/${long(8191)}` }),
  refused('one of more', 'targetTooLong', path(`/${long(8192)}`)),
  refused('a query that makes it more', 'targetTooLong', path(`/?${long(8191)}`)),
];

/** http-safety rules 9 and 15: exactly one authority, and Host says the same. */
const authorities: readonly HeadVector[] = [
  ...['x.example:8080', '127.0.0.1', '[::1]', '[::1]:80', 'a_b', 'a%20b', 'x:', 'X.Example'].map((value) =>
    passes(`:authority ${value}`, authority(value), { authority: value }),
  ),
  ...['', 'a b', 'a/b', 'u@x', 'a\\b', '\xe9', 'a?b', 'a#b', '[::1', '::1', 'a:b', 'a:80:80', '[x]y', 'x\t', 'x\0'].map(
    (value) => refused(`:authority ${JSON.stringify(value)}`, 'host', authority(value)),
  ),
  passes('the same Host is not passed on beside it', `${get}host: x\n`, {}),
  passes('a Host in other letters is the same', `${get}host: X\n`, { authority: 'x' }),
  refused('another Host', 'authority', `${get}host: y\n`),
  refused('a Host with another port', 'authority', `${get}host: x:81\n`),
  refused('two Host', 'host', `${get}host: x\nhost: x\n`),
  refused('an empty Host', 'host', `${get}host: \n`),
  refused('a Host that is none', 'host', `${get}host: x/y\n`),
  passes('Host alone is the authority', `${get.replace(':authority: x\n', '')}host: y:1\n`, { authority: 'y:1' }),
  refused('two Host without :authority', 'host', `${get.replace(':authority: x\n', '')}host: x\nhost: x\n`),
  refused('neither of them', 'host', get.replace(':authority: x\n', '')),
];

const tunnel = `${get.replace('GET', 'CONNECT')}:protocol: chat\n`;
/** RFC 9113 section 8.5, RFC 8441. */
const connects: readonly HeadVector[] = [
  refused('CONNECT is understood, and refused', 'connect', ':method: CONNECT\n:authority: x:80\n'),
  refused('CONNECT with its body to come', 'connect', ':method: CONNECT\n:authority: x:80\n', 'follows'),
  refused('CONNECT with :scheme', 'incomplete', ':method: CONNECT\n:authority: x:80\n:scheme: http\n'),
  refused('CONNECT with :path', 'incomplete', ':method: CONNECT\n:authority: x:80\n:path: /\n'),
  refused('CONNECT without :authority', 'incomplete', ':method: CONNECT\n'),
  refused('CONNECT with Host alone', 'incomplete', ':method: CONNECT\nhost: x:80\n'),
  withBody(passes('a tunnel by RFC 8441 is an upgrade', tunnel, { upgrade: 'chat' }, ['upgrade: chat'])),
  passes('one whose client has nothing to say', tunnel, { upgrade: 'chat' }, ['upgrade: chat']),
  refused('a tunnel for HTTP/2', 'tunnelledHttp', tunnel.replace('chat', 'h2c'), 'follows'),
  refused('a tunnel for HTTP', 'tunnelledHttp', tunnel.replace('chat', 'HTTP'), 'follows'),
  refused('a tunnel to what is no token', 'pseudo', tunnel.replace('chat', 'HTTP/2.0'), 'follows'),
  refused('a tunnel to two protocols', 'pseudo', tunnel.replace('chat', 'a, b'), 'follows'),
  refused('a tunnel with a length', 'tunnelLength', `${tunnel}content-length: 5\n`, 'follows'),
  refused('a tunnel with a length of 0', 'tunnelLength', `${tunnel}content-length: 0\n`),
  refused('a tunnel that waits for 100', 'expect', `${tunnel}expect: 100-continue\n`, 'follows'),
  refused('a tunnel with Upgrade', 'connectionField', `${tunnel}upgrade: websocket\n`, 'follows'),
  refused('a tunnel to *', 'target', tunnel.replace('/a', '*'), 'follows'),
  refused('a tunnel without :scheme', 'incomplete', tunnel.replace(':scheme: http\n', ''), 'follows'),
  refused(':protocol behind other fields', 'pseudo', `${get.replace('GET', 'CONNECT')}a: b\n:protocol: chat\n`),
  refused(':protocol of a POST', 'pseudo', `${post}:protocol: websocket\n`, 'follows'),
  refused(
    'the same without :path',
    'incomplete',
    ':method: CONNECT\n:scheme: http\n:authority: x\n:protocol: websocket\n',
  ),
  refused('the same without :authority', 'host', ':method: CONNECT\n:scheme: http\n:path: /\n:protocol: websocket\n'),
  refused(':protocol of a GET', 'pseudo', `${get}:protocol: websocket\n`),
  refused('an empty :protocol', 'pseudo', `${get.replace('GET', 'CONNECT')}:protocol: \n`),
  refused(':protocol twice', 'pseudo', `${get.replace('GET', 'CONNECT')}:protocol: a\n:protocol: a\n`),
];

/** By its parts: some of these are none as a line. */
const badName = (name: string): HeadVector => {
  const { title, body, verdict } = refused(`the name ${JSON.stringify(name)}`, 'fieldName', get);
  return { title, body, verdict, fields: [...fieldsOf(get), [name, 'b']] };
};

/** RFC 9113 section 8.2. */
const names: readonly HeadVector[] = [
  passes('a field', `${get}a: b\n`, {}, ['a: b']),
  passes('all that a name may have', `${get}#!$%&'*+-.^_\`|~09az: b\n`, {}, ["#!$%&'*+-.^_`|~09az: b"]),
  passes('fields of one name stay apart and in order', `${get}a: 1\nb: 2\na: 3\n`, {}, ['a: 1', 'b: 2', 'a: 3']),
  ...[
    'A',
    'aB',
    'a b',
    'a\t',
    'a\0',
    'a\r',
    'a\x7f',
    '\xe9',
    'a(',
    'a/b',
    'a"',
    'a,',
    ' a',
    'a{',
    'a:b',
    'a: b\r\nc',
    '',
  ].map(badName),
];

const values: readonly HeadVector[] = [
  passes('an empty value', `${get}a: \n`, {}, ['a: ']),
  passes('blanks and tabs within', `${get}a: b c\td\n`, {}, ['a: b c\td']),
  passes('obs-text stays as it is', `${get}a: \xe9\x80\xff\xa0\n`, {}, ['a: \xe9\x80\xff\xa0']),
  ...[
    '\0',
    'b\0',
    'b\rc',
    'b\x01',
    'b\x1f',
    'b\x7f',
    '\x0b',
    'b\x08c',
    'b\x1b',
    ' b',
    'b ',
    '\tb',
    'b\t',
    ' ',
    '\t',
  ].map((value) => refused(`the value ${JSON.stringify(value)}`, 'fieldValue', `${get}a: ${value}\n`)),
  { ...refused('a value with a line break', 'fieldValue', get), fields: [...fieldsOf(get), ['a', 'b\nc: d']] },
  { ...refused('a value with CRLF', 'fieldValue', get), fields: [...fieldsOf(get), ['a', 'b\r\nc: d']] },
];

/** RFC 9113 section 8.2.2, http-safety rules 2 and 11. */
const connectionFields: readonly HeadVector[] = [
  ...[
    'connection: close',
    'connection: a',
    'keep-alive: timeout=5',
    'proxy-connection: keep-alive',
    'upgrade: websocket',
  ].map((line) => refused(line, 'connectionField', `${get}${line}\n`)),
  ...['chunked', 'identity', '', 'gzip, chunked'].map((coding) =>
    refused(`transfer-encoding: ${coding}`, 'connectionField', `${post}transfer-encoding: ${coding}\n`, 'follows'),
  ),
  refused('both lengths', 'connectionField', `${post}content-length: 5\ntransfer-encoding: chunked\n`, 'follows'),
  passes('te: trailers', `${get}te: trailers\n`, {}, ['te: trailers']),
  passes('te: Trailers', `${get}te: Trailers\n`, {}, ['te: trailers']),
  passes('te: trailers twice', `${get}te: trailers\nte: trailers\n`, {}, ['te: trailers']),
  ...['gzip', 'trailers, gzip', 'trailers;q=1', '', 'chunked'].map((value) =>
    refused(`te: ${value}`, 'connectionField', `${get}te: ${value}\n`),
  ),
];

/** http-safety rules 1 and 15. */
const bodies: readonly HeadVector[] = [
  passes('no body', get, { bodyLength: 0, explicitLength: false }),
  withBody(passes('a body of unknown length', post, { method: 'POST', bodyLength: -1 })),
  withBody(
    passes('a body of 5', `${post}content-length: 5\n`, { method: 'POST', bodyLength: 5, explicitLength: true }),
  ),
  withBody(
    passes('leading zeros', `${post}content-length: 005\n`, { method: 'POST', bodyLength: 5, explicitLength: true }),
  ),
  withBody(
    passes('a body of 0 with its end to come', `${post}content-length: 0\n`, { method: 'POST', explicitLength: true }),
  ),
  passes('a body of 0', `${post}content-length: 0\n`, { method: 'POST', explicitLength: true }),
  passes('a POST without a body', post, { method: 'POST' }),
  refused('a body that does not follow', 'bodyMissing', `${post}content-length: 5\n`),
  ...['', '-1', '+1', '1.0', '0x5', '5a', '1,1', '1, 1', '5 5', '9007199254740992', long(30)].map((value) =>
    refused(`content-length: ${value}`, 'contentLength', `${post}content-length: ${value}\n`, 'follows'),
  ),
  refused('two lengths', 'contentLength', `${post}content-length: 5\ncontent-length: 6\n`, 'follows'),
  refused('two lengths that are equal', 'contentLength', `${post}content-length: 5\ncontent-length: 5\n`, 'follows'),
  withBody(
    passes('100-continue', `${post}expect: 100-continue\n`, { method: 'POST', bodyLength: -1, expectContinue: true }, [
      'expect: 100-continue',
    ]),
  ),
  withBody(
    passes('100-Continue', `${post}expect: 100-Continue\n`, { method: 'POST', bodyLength: -1, expectContinue: true }, [
      'expect: 100-Continue',
    ]),
  ),
  refused('another expectation', 'expect', `${post}expect: 200-ok\n`, 'follows'),
  refused('two expectations', 'expect', `${post}expect: 100-continue\nexpect: 100-continue\n`, 'follows'),
];

/** Every rule with its vectors. */
export const requestVectors: Readonly<Record<string, readonly HeadVector[]>> = {
  'pseudo-header fields': pseudoFields,
  path: paths,
  authority: authorities,
  CONNECT: connects,
  'field names': names,
  'field values': values,
  'fields of a connection': connectionFields,
  body: bodies,
  'other fields': others,
};
