import test from 'ava';
import type { Filter, Match, PathModifier } from '../../../routing/model.ts';
import { backendSample, exact, matchSample, pattern, prefix, routeSample } from '../../routing/samples.ts';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const full = (value: string): PathModifier => ({ type: 'ReplaceFullPath', value });
const part = (value: string): PathModifier => ({ type: 'ReplacePrefixMatch', value });
const path = (modifier: PathModifier): Filter => ({ type: 'URLRewrite', path: modifier });
const host = (hostname: string): Filter => ({ type: 'URLRewrite', hostname });
const add = (value: string): Filter => {
  return { type: 'RequestHeaderModifier', set: [], add: [{ name: 'By', value }], remove: [] };
};
const on = (value: string): readonly Match[] => [matchSample({ path: prefix(value) })];
const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a.example:9\r\n\r\n`;

type Row = {
  readonly sentence: string;
  readonly matches: readonly Match[];
  readonly rule?: readonly Filter[];
  readonly backend?: readonly Filter[];
  readonly send: string;
  /** Target and Host, and what else there is, that the endpoint sees. */
  readonly sees: string;
};

const several = [matchSample({ path: prefix('/x') }), matchSample({ path: prefix('/x/y') })];
const rows: readonly Row[] = [
  {
    sentence: 'A backend replaces the prefix that its rule matched',
    matches: on('/x'),
    backend: [path(part('/z'))],
    send: get('/x/y?q=1'),
    sees: '/z/y?q=1 a.example:9',
  },
  {
    sentence: 'Of two rewrites of the path the backend has its own, from what the client sent',
    matches: on('/x'),
    rule: [path(part('/rule'))],
    backend: [path(part('/backend'))],
    send: get('/x/y'),
    sees: '/backend/y a.example:9',
  },
  {
    sentence: 'Of two host names the backend has its own, and the path of the rule stays',
    matches: on('/x'),
    rule: [{ type: 'URLRewrite', hostname: 'rule.example', path: full('/full') }],
    backend: [host('backend.example')],
    send: get('/x?q'),
    sees: '/full?q backend.example',
  },
  {
    sentence: 'A host name replaces the port as well',
    matches: on('/'),
    backend: [host('b.example')],
    send: get('/x'),
    sees: '/x b.example',
  },
  {
    sentence: 'A backend may rewrite and change headers, after its rule',
    matches: on('/x'),
    rule: [add('rule')],
    backend: [path(part('/')), add('backend'), host('b.example')],
    send: get('/x'),
    sees: '/ b.example rule backend',
  },
  {
    sentence: 'The prefix that matched is replaced, of several',
    matches: several,
    backend: [path(part('/z'))],
    send: get('/x/y/w'),
    sees: '/z/w a.example:9',
  },
  {
    sentence: 'And the shorter one where that matched',
    matches: several,
    backend: [path(part('/z'))],
    send: get('/x/yy'),
    sees: '/z/yy a.example:9',
  },
  {
    sentence: 'A prefix that is all is taken away to /',
    matches: on('/x'),
    backend: [path(part('/'))],
    send: get('/x?q'),
    sees: '/?q a.example:9',
  },
  {
    sentence: 'A prefix taken away before a slash leaves one',
    matches: on('/x'),
    backend: [path(part('/'))],
    send: get('/x/'),
    sees: '/ a.example:9',
  },
  {
    sentence: 'A prefix is replaced by nothing',
    matches: on('/x'),
    rule: [path(part(''))],
    send: get('/x/y'),
    sees: '/y a.example:9',
  },
  {
    sentence: 'What stands twice in the request stays twice',
    matches: on('/x'),
    rule: [path(part('/z'))],
    send: get('/x//y'),
    sees: '/z//y a.example:9',
  },
  {
    sentence: 'An empty query is kept',
    matches: on('/x'),
    rule: [path(part('/z'))],
    send: get('/x?'),
    sees: '/z? a.example:9',
  },
  {
    sentence: 'A full path takes the place of what an Exact path matched',
    matches: [matchSample({ path: exact('/x') })],
    rule: [path(full('/z/'))],
    send: get('/x?q'),
    sees: '/z/?q a.example:9',
  },
  {
    sentence: 'A full path takes the place of what an expression matched',
    matches: [matchSample({ path: pattern('/[a-z]+') })],
    rule: [path(full(''))],
    send: get('/x'),
    sees: '/ a.example:9',
  },
  {
    sentence: 'OPTIONS * has no path to rewrite',
    matches: on('/'),
    backend: [{ type: 'URLRewrite', hostname: 'b.example', path: full('/z') }],
    send: 'OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n',
    sees: '* b.example',
  },
  {
    sentence: 'An absolute target is rewritten as such',
    matches: on('/x'),
    backend: [{ type: 'URLRewrite', hostname: 'b.example', path: part('/z') }],
    send: 'GET http://c.example:8080/x/y?q HTTP/1.1\r\nHost: a.example\r\n\r\n',
    sees: 'http://b.example/z/y?q b.example',
  },
  {
    sentence: 'A request without host gets the one of the rewrite',
    matches: on('/x'),
    backend: [host('b.example')],
    send: 'GET /x HTTP/1.0\r\n\r\n',
    sees: '/x b.example',
  },
];

for (const { sentence, matches, rule = [], backend = [], send, sees } of rows) {
  test(`${sentence}: ${sees}`, async (t) => {
    const server = await startOkBackend(t);
    const sidecar = setUp(t);
    const rules = [
      { index: 3, name: 'named', matches, filters: rule, backends: [backendSample({ filters: backend })] },
    ];
    const routing = routingSample({ routes: [{ ...routeSample([]), rules }] });
    sidecar.apply(routing, endpointsOf('cart', readyEndpoint(server.port)));
    t.regex(await ask(await sidecar.service(), send), /^HTTP\/1.1 200 /);
    const head = server.requests[0]?.head ?? '';
    const [, target = ''] = head.split(' ');
    const values = Array.from(head.matchAll(/^(?:host|by): (.*)\r$/gim), ([, value]) => value);
    t.is([target, ...values].join(' '), sees);
    // What the client sent stands in the line, and which rule it was.
    const [entry] = await sidecar.logged(1);
    t.like(entry, { rule: 3, ruleName: 'named', status: 200 });
    t.true(send.includes(String(entry?.['path'])), String(entry?.['path']));
    t.deepEqual(await sidecar.leftovers(), []);
  });
}
