import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { ask, connect } from '../peer.ts';

const asked = (line: string, lines = ''): string => `${line} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
const date = /\r\nDate: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n/;

for (const [title, request, status] of [
  ['a refusal', asked('GET a'), 400],
  ['405', asked('CONNECT x:80'), 405],
  ['a head that never ends', 'GET /a HTTP/1.1\nHost', 400],
  ['503', asked('GET /a'), 503],
] as const) {
  test(`${title} has a Date`, async (t) => {
    // Nobody listens at 1.
    const answer = await ask(await setUp(t).straight(1), request);
    t.regex(answer, new RegExp(`^HTTP/1.1 ${status} `));
    t.regex(answer, date);
  });
}

test('405 says what is allowed', async (t) => {
  const answer = await ask(await setUp(t).straight(1), asked('CONNECT x:80'));
  t.regex(answer, /\r\nAllow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, TRACE\r\n/);
});

for (const [title, request] of [
  ['whole', asked('HEAD a')],
  ['with a wrong field', asked('HEAD /a', 'A : b\r\n')],
  ['unfinished', 'HEAD /a HTTP/1.1\r\nHost: x\n'],
  ['without an endpoint', asked('HEAD /a')],
] as const) {
  test(`a HEAD that is refused, ${title}, gets no body`, async (t) => {
    const answer = await ask(await setUp(t).straight(1), request);
    t.regex(answer, /^HTTP\/1.1 [45]\d\d /);
    t.regex(answer, /\r\nContent-Length: \d\d+\r\n(?:[^\r\n]+\r\n)*\r\n$/);
  });
}

test('a request that is refused at its beginning is told why, also behind a HEAD', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.sees('200 OK');
  peer.write('GET /b HTTP/1.1\r\nX: \0');
  t.is(await peer.over(), 'fin');
  t.regex(peer.text, /HTTP\/1.1 400 Bad Request\r\n[^]*\r\n\r\nheddle: 400 /);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const method of ['OPTIONS', 'TRACE']) {
  for (const [value, seen] of [
    ['5', '4'],
    ['1', '0'],
    ['007', '6'],
    ['99999999999999999999', '999999998'],
    ['x', 'x'],
    ['-1', '-1'],
  ] as const) {
    test(`${method} with Max-Forwards ${value} is passed on with ${seen}`, async (t) => {
      const backend = await startOkBackend(t);
      await ask(await setUp(t).straight(backend.port), asked(`${method} /a`, `Max-Forwards: ${value}\r\n`));
      t.is(backend.requests[0]?.head, asked(`${method} /a`, `Max-Forwards: ${seen}\r\n`));
    });
  }
}

test('OPTIONS with Max-Forwards 0 is answered here', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const answer = await ask(await sidecar.straight(backend.port), asked('OPTIONS *', 'Max-Forwards: 0\r\n'));
  t.regex(answer, /^HTTP\/1.1 200 OK\r\n(?:.*\r\n)*Allow: GET, [^\r]*\r\n(?:.*\r\n)*Content-Length: 0\r\n/);
  t.deepEqual(backend.requests, []);
  t.like((await sidecar.logged(1))[0], { status: 200, flags: undefined });
});

test('TRACE with Max-Forwards 0 gets itself back, without what proves who asks', async (t) => {
  const backend = await startOkBackend(t);
  const request = asked('TRACE /a?b', 'Max-Forwards: 0\r\nCookie: c\r\nAuthorization: d\r\nA: e\r\n');
  const answer = await ask(await setUp(t).straight(backend.port), request);
  t.regex(answer, /\r\nContent-Type: message\/http\r\n/);
  t.is(answer.slice(answer.indexOf('\r\n\r\n') + 4), asked('TRACE /a?b', 'Max-Forwards: 0\r\nA: e\r\n'));
  t.deepEqual(backend.requests, []);
});

test('Max-Forwards of other methods means nothing', async (t) => {
  const backend = await startOkBackend(t);
  await ask(await setUp(t).straight(backend.port), asked('GET /a', 'Max-Forwards: 0\r\n'));
  t.is(backend.requests.length, 1);
});
