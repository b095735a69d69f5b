import { curl } from './clients.ts';
import { changes, fields, full, modify, part, rewrite, routesOf, rule, web } from './filterCases.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

const sent = { 'X-Header-Remove': 'remove-val', 'X-Header-Add-Append': 'append-val-1', 'X-Header-Set': 'set-val' };
const changed = {
  'x-header-set': 'set-overwrites-values',
  'x-header-add': 'header-val-1',
  'x-header-add-append': 'append-val-1, header-val-2',
  'x-header-remove': undefined,
};

type Case = {
  /** The prefix that its rule matches. */
  readonly on: string;
  readonly filters: readonly unknown[];
  /** On the backendRef instead of the rule. */
  readonly where?: 'backend';
  /** The path that is asked for, the prefix itself unless given, and fields beside Host. */
  readonly ask?: string;
  readonly send?: Readonly<Record<string, string>>;
  /** The target that the application sees, `ask` unless given, its Host, and some of its fields; undefined for none. */
  readonly url?: string;
  readonly host?: string;
  readonly sees?: Readonly<Record<string, string | undefined>>;
};

/** HTTPRouteRewriteHost and HTTPRouteRewritePath of the gateway's suite. */
const rewrites: readonly Case[] = [
  { on: '/one', filters: [rewrite({ hostname: 'one.example.org' })], host: 'one.example.org' },
  { on: '/', ask: '/two', filters: [rewrite({ hostname: 'example.org' })], host: 'example.org' },
  {
    on: '/rewrite-host-and-modify-headers',
    filters: [rewrite({ hostname: 'test.example.org' }), modify(changes)],
    send: sent,
    host: 'test.example.org',
    sees: changed,
  },
  { on: '/prefix/one', ask: '/prefix/one/two', filters: [rewrite(part('/one'))], url: '/one/two' },
  { on: '/strip-prefix', ask: '/strip-prefix/three', filters: [rewrite(part('/'))], url: '/three' },
  { on: '/strip-all', filters: [rewrite(part('/'))], url: '/' },
  { on: '/full/one', ask: '/full/one/two', filters: [rewrite(full('/one'))], url: '/one' },
  {
    on: '/full/rewrite-path-and-modify-headers',
    ask: '/full/rewrite-path-and-modify-headers/test',
    filters: [rewrite(full('/test')), modify(changes)],
    send: sent,
    url: '/test',
    sees: changed,
  },
  {
    on: '/prefix/rewrite-path-and-modify-headers',
    ask: '/prefix/rewrite-path-and-modify-headers/one',
    filters: [rewrite(part('/prefix')), modify(changes)],
    send: sent,
    url: '/prefix/one',
    sees: changed,
  },
];

/** HTTPRouteRequestHeaderModifier, which the suite also asks for on backendRefs. */
const requestHeaders = (where?: 'backend'): readonly Case[] => {
  const at = (name: string): string => (where === undefined ? name : `/backend${name}`);
  const own = where === undefined ? {} : { where };
  const set = { on: at('/set'), filters: [modify({ set: changes.set })], ...own };
  const add = { on: at('/add'), filters: [modify({ add: fields({ 'X-Header-Add': 'add-appends-values' }) })], ...own };
  return [
    { ...set, send: { 'Some-Other-Header': 'val' }, sees: { 'x-header-set': 'set-overwrites-values' } },
    {
      ...set,
      ask: at('/set/more'),
      send: { 'Some-Other-Header': 'val', 'X-Header-Set': 'some-other-value' },
      sees: { 'some-other-header': 'val', 'x-header-set': 'set-overwrites-values' },
    },
    { ...add, sees: { 'x-header-add': 'add-appends-values' } },
    {
      ...add,
      ask: at('/add/more'),
      send: { 'X-Header-Add': 'some-other-value' },
      sees: { 'x-header-add': 'some-other-value, add-appends-values' },
    },
    {
      on: at('/remove'),
      filters: [modify({ remove: ['X-Header-Remove'] })],
      ...own,
      send: { 'X-Header-Remove': 'val' },
      sees: { 'x-header-remove': undefined },
    },
    {
      on: at('/multiple'),
      filters: [
        modify({
          set: fields({ 'X-Header-Set-1': 'header-set-1', 'X-Header-Set-2': 'header-set-2' }),
          add: fields({
            'X-Header-Add-1': 'header-add-1',
            'X-Header-Add-2': 'header-add-2',
            'X-Header-Add-3': 'add-3',
          }),
          remove: ['X-Header-Remove-1', 'X-Header-Remove-2'],
        }),
      ],
      ...own,
      send: {
        'X-Header-Set-2': 'set-val-2',
        'X-Header-Add-2': 'add-val-2',
        'X-Header-Remove-2': 'remove-val-2',
        'Another-Header': 'another-header-val',
      },
      sees: {
        'x-header-set-1': 'header-set-1',
        'x-header-set-2': 'header-set-2',
        'x-header-add-1': 'header-add-1',
        'x-header-add-2': 'add-val-2, header-add-2',
        'x-header-add-3': 'add-3',
        'x-header-remove-2': undefined,
        'another-header': 'another-header-val',
      },
    },
    {
      on: at('/case-insensitivity'),
      filters: [modify(changes)],
      ...own,
      send: { 'x-header-SET': 'a', 'x-header-add': 'b', 'x-HEADER-remove': 'c' },
      sees: {
        'x-header-set': 'set-overwrites-values',
        'x-header-add': 'b, header-val-1',
        'x-header-remove': undefined,
      },
    },
  ];
};

/** Beyond the suite. */
const corners: readonly Case[] = [
  {
    on: '/backend-prefix',
    where: 'backend',
    filters: [rewrite(part('/b'))],
    ask: '/backend-prefix/x?q',
    url: '/b/x?q',
  },
  {
    on: '/backend-both',
    where: 'backend',
    filters: [rewrite({ hostname: 'b.example', ...full('/b') })],
    ask: '/backend-both?q=1',
    url: '/b?q=1',
    host: 'b.example',
  },
  { on: '/slash/', ask: '/slash', filters: [rewrite(part('/xyz/'))], url: '/xyz' },
  { on: '/slash-more/', ask: '/slash-more/bar', filters: [rewrite(part('/xyz/'))], url: '/xyz/bar' },
  { on: '/ends', ask: '/ends/', filters: [rewrite(part('/xyz'))], url: '/xyz/' },
  { on: '/empty', ask: '/empty/', filters: [rewrite(part(''))], url: '/' },
  { on: '/escaped', ask: '/escaped/a%2Fb/%2e%2E', filters: [rewrite(part('/'))], url: '/a%2Fb/%2e%2E' },
  { on: '/dots', ask: '/dots/../x', filters: [rewrite(part('/z'))], url: '/z/../x' },
  { on: '/question', ask: '/question?', filters: [rewrite(part('/z'))], url: '/z?' },
  { on: '/percent', filters: [rewrite(full('/100%'))], url: '/100%25' },
  { on: '/neighbour', ask: '/neighbours', filters: [rewrite(part('/z'))], host: 'example.org' },
];

labTest('rewrites and header changes as the gateway’s suite asks for them, and their corners', async (t, lab) => {
  const cases = [...rewrites, ...requestHeaders(), ...requestHeaders('backend'), ...corners];
  const rules = new Map(
    cases.map(({ on, filters, where }) => [
      on,
      where === undefined
        ? rule({ on, filters, backendRefs: web })
        : rule({ on, backendRefs: [{ ...web[0], filters }] }),
    ]),
  );
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {} },
    services: [{ name: 'web', ip: 1, pods: ['web'] }],
    routes: routesOf('web', [...rules.values()]),
  });
  for (const { on, ask = on, send = {}, url = ask, host = 'rewrite.example', sees = {} } of cases) {
    const args = Object.entries({ Host: 'rewrite.example', ...send }).flatMap(([name, value]) => [
      '-H',
      `${name}: ${value}`,
    ]);
    const answer = await curl(mesh.pod('client').pod, '--path-as-is', ...args, `http://10.96.0.1${ask}`);
    t.like(answer, { status: 200, url }, ask);
    t.like({ ...answer.headers }, { host, ...sees }, ask);
  }
});
