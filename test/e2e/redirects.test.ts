import { rawResponse, redirect, full, part, routesOf, rule, verdictOf } from './filterCases.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

type Case = {
  readonly title: string;
  /** The prefix that its rule matches; the path that is asked for, unless `ask` is given. */
  readonly on: string;
  readonly redirect: object;
  readonly ask?: string;
  readonly args?: readonly string[];
  /** `web.shop` unless given; empty for none. */
  readonly host?: string;
  /** Status and Location. */
  readonly answer: string;
};

const org = { hostname: 'example.org' };
const replaced = part('/replacement-prefix');
const lemon = '302 http://web.shop/replacement-prefix/lemon';

/** What HTTPRouteRedirect…, HTTPRoute303Redirect, …307… and …308… of the gateway's suite ask, of a Service's port 80. */
const suite: readonly Case[] = [
  { title: 'a host', on: '/hostname-redirect', redirect: org, answer: '302 http://example.org/hostname-redirect' },
  {
    title: 'a host and a status',
    on: '/host-and-status',
    redirect: { ...org, statusCode: 301 },
    answer: '301 http://example.org/host-and-status',
  },
  { title: 'a prefix', on: '/original-prefix', ask: '/original-prefix/lemon', redirect: replaced, answer: lemon },
  {
    title: 'a full path',
    on: '/full',
    ask: '/full/path/original',
    redirect: full('/full-path-replacement'),
    answer: '302 http://web.shop/full-path-replacement',
  },
  {
    title: 'a prefix and a host',
    on: '/path-and-host',
    redirect: { ...org, ...replaced },
    answer: '302 http://example.org/replacement-prefix',
  },
  {
    title: 'a prefix and a status',
    on: '/path-and-status',
    redirect: { ...replaced, statusCode: 301 },
    answer: '301 http://web.shop/replacement-prefix',
  },
  {
    title: 'a full path and a host',
    on: '/full-path-and-host',
    redirect: { ...org, ...full('/replacement-full') },
    answer: '302 http://example.org/replacement-full',
  },
  {
    title: 'a full path and a status',
    on: '/full-path-and-status',
    redirect: { ...full('/replacement-full'), statusCode: 301 },
    answer: '301 http://web.shop/replacement-full',
  },
  { title: 'a port', on: '/port', redirect: { port: 8083 }, answer: '302 http://web.shop:8083/port' },
  {
    title: 'a port and a host',
    on: '/port-and-host',
    redirect: { ...org, port: 8083 },
    answer: '302 http://example.org:8083/port-and-host',
  },
  {
    title: 'a port and a status',
    on: '/port-and-status',
    redirect: { port: 8083, statusCode: 301 },
    answer: '301 http://web.shop:8083/port-and-status',
  },
  {
    title: 'a port, a host and a status',
    on: '/port-and-host-and-status',
    redirect: { ...org, port: 8083, statusCode: 302 },
    answer: '302 http://example.org:8083/port-and-host-and-status',
  },
  { title: 'a scheme', on: '/scheme', redirect: { scheme: 'https' }, answer: '302 https://web.shop/scheme' },
  {
    title: 'a scheme and a host',
    on: '/scheme-and-host',
    redirect: { ...org, scheme: 'https' },
    answer: '302 https://example.org/scheme-and-host',
  },
  {
    title: 'a scheme and a status',
    on: '/scheme-and-status',
    redirect: { scheme: 'https', statusCode: 301 },
    answer: '301 https://web.shop/scheme-and-status',
  },
  {
    title: 'a scheme, a host and a status',
    on: '/scheme-and-host-and-status',
    redirect: { ...org, scheme: 'https', statusCode: 302 },
    answer: '302 https://example.org/scheme-and-host-and-status',
  },
  ...[303, 307, 308].map((statusCode) => ({
    title: `${statusCode} for a POST`,
    on: `/status-${statusCode}`,
    redirect: { statusCode },
    args: ['-d', 'a body'],
    answer: `${statusCode} http://web.shop/status-${statusCode}`,
  })),
];

/** Scheme and port of HTTPRouteRedirectPortAndScheme, on ports 80 and 8080: which port the Location has. */
const portsAndSchemes: readonly (readonly [scheme: string | undefined, port: number | undefined, ...string[]])[] = [
  [undefined, undefined, 'http://example.org', 'http://example.org:8080'],
  [undefined, 80, 'http://example.org', 'http://example.org'],
  [undefined, 8080, 'http://example.org:8080', 'http://example.org:8080'],
  ['https', undefined, 'https://example.org', 'https://example.org'],
  ['https', 443, 'https://example.org', 'https://example.org'],
  ['https', 8443, 'https://example.org:8443', 'https://example.org:8443'],
  // Beyond the suite.
  ['http', undefined, 'http://example.org', 'http://example.org'],
  ['https', 80, 'https://example.org:80', 'https://example.org:80'],
  [undefined, 443, 'http://example.org:443', 'http://example.org:443'],
];

function portCases(column: 2 | 3): Case[] {
  return portsAndSchemes.map((row) => {
    const [scheme, port] = row;
    const on = `/scheme-${scheme ?? 'nil'}-and-port-${port ?? 'nil'}`;
    const given = { ...org, ...(scheme && { scheme }), ...(port !== undefined && { port }) };
    return { title: `port ${column === 2 ? 80 : 8080} ${on}`, on, redirect: given, answer: `302 ${row[column]}${on}` };
  });
}

/** Beyond the suite: what clients send that routes do not think of. */
const corners: readonly Case[] = [
  {
    title: 'a query is kept when the path is replaced, as it is',
    on: '/query',
    ask: '/query?a=%2F&b=//?&c',
    redirect: full('/new'),
    answer: '302 http://web.shop/new?a=%2F&b=//?&c',
  },
  {
    title: 'a prefix taken away leaves one slash before what follows',
    on: '/strip',
    ask: '/strip/x/',
    redirect: part('/'),
    answer: '302 http://web.shop/x/',
  },
  { title: 'a prefix that is all leaves /', on: '/gone', redirect: part('/'), answer: '302 http://web.shop/' },
  {
    title: 'an empty replacement does so too, with a query',
    on: '/empty',
    ask: '/empty?q',
    redirect: part(''),
    answer: '302 http://web.shop/?q',
  },
  {
    title: 'a prefix written with a slash is replaced where it has none',
    on: '/slashed/',
    ask: '/slashed',
    redirect: part('/xyz'),
    answer: '302 http://web.shop/xyz',
  },
  {
    title: 'a prefix written with a slash is replaced where more follows',
    on: '/slash-too/',
    ask: '/slash-too/bar',
    redirect: part('/xyz/'),
    answer: '302 http://web.shop/xyz/bar',
  },
  {
    title: 'the slash behind a prefix stays',
    on: '/ends',
    ask: '/ends/',
    redirect: part('/xyz'),
    answer: '302 http://web.shop/xyz/',
  },
  {
    title: 'escapes behind the prefix stay as they are',
    on: '/escapes',
    ask: '/escapes/a%2Fb/%2e%2E/c%20d',
    redirect: part('/xyz'),
    answer: '302 http://web.shop/xyz/a%2Fb/%2e%2E/c%20d',
  },
  {
    title: 'two slashes behind the prefix name no other host',
    on: '/double',
    ask: '/double//evil.example/x',
    redirect: part('/'),
    answer: '302 http://web.shop//evil.example/x',
  },
  {
    title: 'the port of Host does not count',
    on: '/host-with-port',
    redirect: full('/new'),
    host: ' web.shop:9999',
    answer: '302 http://web.shop/new',
  },
  {
    title: 'an IPv6 address keeps its brackets and loses its port',
    on: '/ipv6',
    redirect: { scheme: 'https', port: 8443 },
    host: ' [fd00:96::1]:9999',
    answer: '302 https://[fd00:96::1]:8443/ipv6',
  },
  {
    title: 'HEAD is answered alike',
    on: '/head',
    redirect: org,
    args: ['-I'],
    answer: '302 http://example.org/head',
  },
  {
    title: 'a client that waits for 100 Continue gets the answer at once',
    on: '/expect',
    redirect: { ...org, statusCode: 307 },
    args: ['-H', 'Expect: 100-continue', '--expect100-timeout', '60', '-d', 'a body'],
    answer: '307 http://example.org/expect',
  },
  {
    title: 'HTTP/1.0 without Host gets the address that it called',
    on: '/no-host',
    redirect: full('/new'),
    host: '',
    args: ['-0'],
    answer: '302 http://10.96.0.1/new',
  },
];

function rulesOf(cases: readonly Case[]): unknown[] {
  return cases.map(({ on, redirect: wanted }) => rule({ on, filters: [redirect(wanted)] }));
}

const unmatched = { filters: [redirect(part('/z'))] };

labTest('redirects as the gateway’s suite asks for them, and their corners', async (t, lab) => {
  const ports = { 80: [...suite, ...portCases(2), ...corners], 8080: portCases(3) };
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {} },
    services: [
      { name: 'web', ip: 1, pods: ['web'] },
      { name: 'web-8080', ip: 2, port: 8080, pods: ['web'] },
    ],
    routes: [...routesOf('web', rulesOf(ports[80])), ...routesOf('web-8080', [...rulesOf(ports[8080]), unmatched])],
  });
  const { pod } = mesh.pod('client');
  for (const { title, on, ask = on, host = ' web.shop', args = [], answer } of ports[80]) {
    const response = await rawResponse(pod, '-H', `Host:${host}`, ...args, `http://10.96.0.1${ask}`);
    t.is(verdictOf(response), answer, title);
    t.regex(response, /^content-length: 0$/im, title);
  }
  for (const { title, on, answer } of ports[8080])
    t.is(verdictOf(await rawResponse(pod, `http://10.96.0.2:8080${on}`)), answer, title);
  const rest = await rawResponse(pod, 'http://10.96.0.2:8080/any/x');
  t.is(verdictOf(rest), '302 http://10.96.0.2:8080/z/any/x', 'a rule without matches has the prefix /');
});
