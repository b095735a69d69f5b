import test from 'ava';
import type { PathModifier, Redirect } from '../../../routing/model.ts';
import { matchSample, prefix, routeSample } from '../../routing/samples.ts';
import { endpointsOf, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const full = (value: string): PathModifier => ({ type: 'ReplaceFullPath', value });
const part = (value: string): PathModifier => ({ type: 'ReplacePrefixMatch', value });
const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`;

const options = 'OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n';

type Row = readonly [sentence: string, on: string, send: string, redirect: Partial<Redirect>, location: string];

/** The client called port 80 of a Service. */
const rows: readonly Row[] = [
  ['Nothing but a status gives the same place', '/', get('/x/y?q=1'), {}, 'http://a.example/x/y?q=1'],
  ['A query that is empty is kept', '/', get('/x?'), { hostname: 'b.example' }, 'http://b.example/x?'],
  ['A query is kept as it is', '/', get('/x?a=%2F&b=/?c'), { path: full('/y') }, 'http://a.example/y?a=%2F&b=/?c'],
  [
    'Escapes of the path are kept',
    '/',
    get('/x/%2e%2E/a%20b'),
    { scheme: 'https' },
    'https://a.example/x/%2e%2E/a%20b',
  ],
  ['A prefix is replaced', '/x', get('/x/y'), { path: part('/z') }, 'http://a.example/z/y'],
  ['A prefix with a slash is replaced', '/x', get('/x/y'), { path: part('/z/') }, 'http://a.example/z/y'],
  ['The prefix itself is replaced', '/x', get('/x'), { path: part('/z') }, 'http://a.example/z'],
  ['The prefix with a slash keeps it', '/x', get('/x/'), { path: part('/z') }, 'http://a.example/z/'],
  ['A prefix is taken away', '/x', get('/x/y?q'), { path: part('/') }, 'http://a.example/y?q'],
  ['A prefix that is all is taken away', '/x', get('/x'), { path: part('/') }, 'http://a.example/'],
  ['A prefix is replaced by nothing', '/x', get('/x/'), { path: part('') }, 'http://a.example/'],
  ['The prefix / is replaced', '/', get('/x'), { path: part('/z') }, 'http://a.example/z/x'],
  ['A full path is replaced by nothing', '/', get('/x?q'), { path: full('') }, 'http://a.example/?q'],
  [
    'All at once',
    '/x',
    get('/x/y?q'),
    { scheme: 'https', hostname: 'b.example', port: 8443, path: part('/z') },
    'https://b.example:8443/z/y?q',
  ],
  ['The default port of the scheme is left out', '/', get('/x'), { scheme: 'https', port: 443 }, 'https://a.example/x'],
  [
    'The port of Host does not count',
    '/',
    'GET /x HTTP/1.1\r\nHost: a.example:9\r\n\r\n',
    { path: full('/y') },
    'http://a.example/y',
  ],
  ['An IPv6 host is kept', '/', 'GET /x HTTP/1.1\r\nHost: [fd00::1]:9\r\n\r\n', { port: 81 }, 'http://[fd00::1]:81/x'],
  [
    'The host of an absolute target counts',
    '/',
    'GET http://c.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n',
    { port: 81 },
    'http://c.example:81/x',
  ],
  ['An absolute target without path', '/', get('http://c.example'), { port: 81 }, 'http://c.example:81/'],
  ['An absolute target with a query only', '/', get('http://c.example?q'), { port: 81 }, 'http://c.example:81/?q'],
  ['A target of https has the port of https', '/', get('https://c.example/x'), {}, 'https://c.example/x'],
  ['A target of https keeps its own port', '/', get('https://c.example:8443/x'), {}, 'https://c.example:8443/x'],
  ['A target of https, and a scheme', '/', get('https://c.example:8443'), { scheme: 'http' }, 'http://c.example/'],
  [
    'A request without host is answered with the address that was called',
    '/',
    'GET /x HTTP/1.0\r\n\r\n',
    { scheme: 'https' },
    'https://10.96.0.10/x',
  ],
  ['OPTIONS * has no path', '/', options, { scheme: 'https' }, 'https://a.example'],
  ['OPTIONS * has no path to replace', '/', options, { port: 81, path: part('/z') }, 'http://a.example:81'],
  ['OPTIONS * has no path that a full one could replace', '/', options, { path: full('/z') }, 'http://a.example'],
];

for (const [sentence, on, send, redirect, location] of rows) {
  test(`${sentence}: ${location}`, async (t) => {
    t.is(await locationOf(t, on, send, { statusCode: 302, ...redirect }), `302 Found ${location}`);
  });
}

const statuses = [
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
] as const;

for (const [statusCode, phrase] of statuses) {
  test(`A redirect may say ${statusCode}, also to a POST`, async (t) => {
    const post = 'POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhi';
    const answer = await locationOf(t, '/', post, { statusCode, hostname: 'b.example' });
    t.is(answer, `${statusCode} ${phrase} http://b.example/x`);
  });
}

async function locationOf(t: Parameters<typeof setUp>[0], on: string, send: string, redirect: Omit<Redirect, 'type'>) {
  const sidecar = setUp(t);
  const filters = [{ type: 'RequestRedirect', ...redirect } as const];
  const rules = [{ index: 0, filters, backends: [], matches: [matchSample({ path: prefix(on) })] }];
  sidecar.apply(routingSample({ routes: [{ ...routeSample([]), rules }] }), endpointsOf('cart'));
  const answer = await ask(await sidecar.service(), send);
  return /^HTTP\/1.1 (.*)\r\n[^]*\r\nLocation: (.*)\r\n/.exec(answer)?.slice(1).join(' ') ?? answer;
}
