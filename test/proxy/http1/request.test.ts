import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask, connect } from '../peer.ts';

type Vector = {
  readonly title: string;
  readonly send: string;
  /** Status of the only response. */
  readonly status: number;
  /** Exactly what the backend sees; nothing unless told. */
  readonly sees?: string;
};

const get = (lines: string): string => `GET /a HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
const post = (lines: string, body: string): string => `POST /a HTTP/1.1\r\nHost: x\r\n${lines}\r\n${body}`;
const refused = (title: string, send: string, status = 400): Vector => ({ title, send, status });
const passes = (title: string, send: string, sees = send): Vector => ({ title, send, status: 200, sees });
const chunks = 'Transfer-Encoding: chunked\r\n';

const framing: readonly Vector[] = [
  passes('a plain request passes byte for byte', get('')),
  passes('Content-Length frames the body', post('Content-Length: 3\r\n', 'abc')),
  passes('Content-Length 0 stays', post('Content-Length: 0\r\n', '')),
  ...['03', '003', `${'0'.repeat(500)}3`].map((value) =>
    passes(
      `Content-Length ${value.slice(-4)} of ${value.length} digits is 3, and written so`,
      post(`Content-Length: ${value}\r\n`, 'abc'),
      post('Content-Length: 3\r\n', 'abc'),
    ),
  ),
  refused('Content-Length before Transfer-Encoding is 400', post(`Content-Length: 3\r\n${chunks}`, '0\r\n\r\n')),
  refused('Transfer-Encoding before Content-Length is 400', post(`${chunks}Content-Length: 3\r\n`, '0\r\n\r\n')),
  refused('two different Content-Length are 400', post('Content-Length: 3\r\nContent-Length: 4\r\n', 'abcd')),
  refused('two equal Content-Length are 400', post('Content-Length: 3\r\ncontent-length: 3\r\n', 'abc')),
  ...[
    '+3',
    '-3',
    '3,3',
    '3, 3',
    '0x3',
    '3 3',
    '',
    '3.0',
    '1e3',
    '9007199254740992',
    '99999999999999999999',
    'abc',
    '３',
  ].map((value) =>
    refused(`Content-Length ${JSON.stringify(value)} is 400`, post(`Content-Length: ${value}\r\n`, 'abc')),
  ),
  ...['gzip', 'identity', 'xchunked', 'chunkedx', '"chunked"', 'gzip, chunked', 'gzip,chunked', 'chunked;q=1', ''].map(
    (value) =>
      refused(
        `Transfer-Encoding ${JSON.stringify(value)} is 501`,
        post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n'),
        501,
      ),
  ),
  ...['chunked, gzip', 'chunked, identity', 'chunked, chunked', 'chunked,'].map((value) =>
    refused(`Transfer-Encoding ${JSON.stringify(value)} is 400`, post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n')),
  ),
  refused('two Transfer-Encoding chunked are 400', post(chunks + chunks, '0\r\n\r\n')),
  passes(
    'Transfer-Encoding is known in any case',
    post('tRANSFER-eNCODING: CHUNKED\r\n', '0\r\n\r\n'),
    post(chunks, '0\r\n\r\n'),
  ),
  passes(
    'white space around chunked is no part of it',
    post('Transfer-Encoding: \tchunked \t\r\n', '0\r\n\r\n'),
    post(chunks, '0\r\n\r\n'),
  ),
  refused('Transfer-Encoding with a vertical tab is 400', post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n')),
  refused(
    'white space before the colon of Transfer-Encoding is 400',
    post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
  ),
  refused('Transfer-Encoding in HTTP/1.0 is 400', `POST /a HTTP/1.0\r\nHost: x\r\n${chunks}\r\n0\r\n\r\n`),
];

const lines: readonly Vector[] = [
  refused('a bare LF behind the request line is 400', 'GET /a HTTP/1.1\nHost: x\r\n\r\n'),
  refused('a bare LF behind a field is 400', 'GET /a HTTP/1.1\r\nHost: x\nA: b\r\n\r\n'),
  refused('bare LFs all over are 400', 'GET /a HTTP/1.1\nHost: x\n\n'),
  refused('an empty line of LF alone is 400', 'GET /a HTTP/1.1\r\nHost: x\r\n\n'),
  refused('a bare CR in a value is 400', get('A: b\rc\r\n')),
  refused('a bare CR instead of CRLF is 400', get('A: b\rB: c\r\n')),
  refused('CR CR LF is 400', get('A: b\r\r\n')),
  refused('a NUL in a value is 400', get('A: b\0c\r\n')),
  refused('a NUL in a name is 400', get('A\0: b\r\n')),
  refused('a NUL in the target is 400', 'GET /a\0 HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a folded line (obs-fold, space) is 400', get('A: b\r\n c\r\n')),
  refused('a folded line (obs-fold, tab) is 400', get('A: b\r\n\tc\r\n')),
  refused('white space before the first field is 400', 'GET /a HTTP/1.1\r\n Host: x\r\n\r\n'),
  refused('a space before the colon is 400', get('A : b\r\n')),
  refused('a tab before the colon is 400', get('A\t: b\r\n')),
  refused('a field without a colon is 400', get('Ab\r\n')),
  refused('a field without a name is 400', get(': b\r\n')),
  ...'( ) , / ; < = > ? @ [ \\ ] { } " \xe9 \x7f'
    .split(' ')
    .map((character) => refused(`${JSON.stringify(character)} in a field name is 400`, get(`A${character}B: c\r\n`))),
  ...['\x01', '\x08', '\x0b', '\x0c', '\x1f', '\x7f'].map((character) =>
    refused(`${JSON.stringify(character)} in a field value is 400`, get(`A: b${character}\r\n`)),
  ),
  passes('a tab within a value passes', get('A: b\tc\r\n')),
  passes('obs-text passes byte for byte', get('A: \x80\xe9\xff\r\n')),
  passes('white space around a value is left out', get('A: \t b \t\r\n'), get('A: b\r\n')),
  passes('a missing space behind the colon is put there', get('A:b\r\n'), get('A: b\r\n')),
  passes('an empty value passes', get('A: \r\n')),
  passes('the case of names and the order of fields stay', get('bB: 1\r\nAa: 2\r\nbb: 3\r\nAA: 4\r\n')),
  passes('one empty line before the request is skipped', `\r\n${get('')}`, get('')),
  passes('several empty lines before the request are skipped', `\r\n\r\n\r\n${get('')}`, get('')),
];

const requestLines: readonly Vector[] = [
  refused('two spaces behind the method are 400', 'GET  /a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('two spaces behind the target are 400', 'GET /a  HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a tab instead of a space is 400', 'GET\t/a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a space behind the version is 400', 'GET /a HTTP/1.1 \r\nHost: x\r\n\r\n'),
  refused('a request without version (HTTP/0.9) is 400', 'GET /a\r\n\r\n'),
  refused('lower case http/1.1 is 400', 'GET /a http/1.1\r\nHost: x\r\n\r\n'),
  refused('HTTP/1.10 is 400', 'GET /a HTTP/1.10\r\nHost: x\r\n\r\n'),
  ...['0.9', '1.2', '1.9', '2.0', '3.0', '9.9'].map((version) =>
    refused(`HTTP/${version} is 505`, `GET /a HTTP/${version}\r\nHost: x\r\n\r\n`, 505),
  ),
  refused('a method that is no token is 400', 'G(T /a HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('a method that nobody knows passes', 'BREW /a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('CONNECT is 405', 'CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n', 405),
  refused('a fragment in the target is 400', 'GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('an 8-bit character in the target is 400', 'GET /\xe9 HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a control character in the target is 400', 'GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('DEL in the target is 400', 'GET /a\x7f HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a target without slash is 400', 'GET a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('* for GET is 400', 'GET * HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('* with a query is 400', 'OPTIONS *?a HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('OPTIONS * passes', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('the path is not normalised', 'GET /a/../b//c/%2e%2E/./%zz?d=?/../&&e HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('an empty query stays', 'GET /a? HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('a target of 8192 bytes passes', `GET /${'a'.repeat(8191)} HTTP/1.1\r\nHost: x\r\n\r\n`),
  refused('a target of 8193 bytes is 414', `GET /${'a'.repeat(8192)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414),
  refused('a target without end is 414', `GET /${'a'.repeat(20_000)}`, 414),
];

const hosts: readonly Vector[] = [
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
];

const sizes: readonly Vector[] = [
  passes('100 fields pass', get('A: b\r\n'.repeat(99))),
  refused('101 fields are 431', get('A: b\r\n'.repeat(100)), 431),
  passes('a head of 60 KB passes', get(`A: ${'b'.repeat(60_000)}\r\n`)),
  refused('a head of more than 64 KB is 431', get(`A: ${'b'.repeat(66_000)}\r\n`), 431),
  refused('a head of 64 KB without end is 431', `GET /a HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(66_000)}`, 431),
];

for (const { title, send, status, sees } of [...framing, ...lines, ...requestLines, ...hosts, ...sizes]) {
  test(title, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(backend.port)));
    const answer = await ask(await sidecar.service(), send);
    t.is(answer.slice(0, 12), `HTTP/1.1 ${status}`);
    t.is(answer.split(/^HTTP\/1.1 /m).length, 2, 'one response');
    if (sees === undefined) t.deepEqual(backend.requests, []);
    else
      t.deepEqual(
        backend.requests.map(({ head, body }) => head + body),
        [sees],
      );
    t.deepEqual(backend.problems, []);
    const [entry] = await sidecar.logged(1);
    t.is(entry?.['status'], status);
    t.is(entry?.['flags'], status === 200 ? undefined : 'DPE');
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('a head in two pieces, cut anywhere, gives what it gives in one', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const port = await sidecar.straight(backend.port);
  const heads = [
    '\r\nPOST /a?b HTTP/1.1\r\nHost: x\r\nA:  b \r\nConnection: c\r\nC: d\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n',
    'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc',
  ];
  for (const head of heads) {
    await ask(port, head);
    const [whole] = backend.requests.splice(0);
    for (let cut = 1; cut < head.length; cut++) {
      const peer = await connect(port);
      peer.write(head.slice(0, cut));
      await new Promise((resolve) => setTimeout(resolve, 2));
      peer.write(head.slice(cut));
      peer.end();
      await peer.over();
      t.regex(peer.text, /^(?:HTTP\/1.1 102 Processing\r\n\r\n)?HTTP\/1.1 200/, `cut at ${cut}`);
      const seen = backend.requests.splice(0);
      t.is(seen.length, 1);
      t.is(seen[0]?.head, whole?.head);
      t.is(
        seen[0]?.body.replace('1\r\na\r\n2\r\nbc', '3\r\nabc').replace('2\r\nab\r\n1\r\nc', '3\r\nabc'),
        whole?.body,
      );
    }
  }
  t.deepEqual(backend.problems, []);
  t.deepEqual(await sidecar.leftovers(), []);
});
