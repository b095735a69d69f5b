import { type Answer, curl } from './clients.ts';
import { changes, fields, modify, modifyResponse, prefix, rawResponse, routesOf, rule, web } from './filterCases.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

const named = (name: string): unknown => modify({ set: fields({ Backend: name }) });

const to = (name: string): readonly unknown[] => [{ name, port: 80 }];

const exact = (value: string): unknown => ({ path: { type: 'Exact', value } });

/** HTTPRouteResponseHeaderModifier: which fields the application answers with, and which the client gets. */
const responses = [
  {
    on: '/set',
    change: { set: changes.set },
    responds: { Other: 'val' },
    gets: ['other: val', 'x-header-set: set-overwrites-values'],
  },
  {
    on: '/set',
    change: { set: changes.set },
    responds: { 'x-header-set': 'other' },
    gets: ['x-header-set: set-overwrites-values'],
  },
  { on: '/add', change: { add: fields({ 'X-Add': 'more' }) }, responds: {}, gets: ['x-add: more'] },
  {
    on: '/add',
    change: { add: fields({ 'X-Add': 'more' }) },
    responds: { 'x-add': 'val' },
    gets: ['x-add: val', 'x-add: more'],
  },
  { on: '/remove', change: { remove: ['X-Remove'] }, responds: { 'X-REMOVE': 'val' }, gets: [] },
  {
    on: '/multiple',
    change: {
      set: fields({ 'X-Set-1': 'set-1', 'X-Set-2': 'set-2' }),
      add: fields({ 'x-add-1': 'add-1', 'x-Add-ADD-2': 'add-2', 'X-ADD-3': 'add-3' }),
      remove: ['X-Remove-1', 'X-Remove-2'],
    },
    responds: { 'X-Remove-1': 'a', 'X-Remove-2': 'b', 'X-Set-2': 'c', 'X-Add-Add-2': 'd', Another: 'e' },
    gets: [
      'x-add-add-2: d',
      'another: e',
      'x-set-1: set-1',
      'x-set-2: set-2',
      'x-add-1: add-1',
      'x-add-add-2: add-2',
      'x-add-3: add-3',
    ],
  },
];

labTest(
  'changes of response headers as the gateway’s suite asks for them, and with those of requests',
  async (t, lab) => {
    const rules = new Map(
      responses.map(({ on, change }) => [on, rule({ on, filters: [modifyResponse(change)], backendRefs: web })]),
    );
    const both = rule({
      on: '/both',
      filters: [modifyResponse({ add: fields({ 'X-By': 'rule' }) }), modify(changes)],
      backendRefs: [{ ...web[0], filters: [modifyResponse({ add: fields({ 'X-By': 'backend' }) })] }],
    });
    const moved = rule({
      on: '/moved',
      filters: [
        { type: 'RequestRedirect', requestRedirect: { hostname: 'example.org' } },
        modifyResponse({ set: fields({ 'X-By': 'rule' }) }),
      ],
    });
    const mesh = await startMesh(lab, {
      pods: { client: {}, web: {} },
      services: [{ name: 'web', ip: 1, pods: ['web'] }],
      routes: routesOf('web', [...rules.values(), both, moved]),
    });
    const ask = async (path: string, ...args: readonly string[]): Promise<string[]> => {
      const response = await rawResponse(mesh.pod('client').pod, ...args, `http://10.96.0.1${path}`);
      const lines = response.split('\n\n')[0]?.split('\n').slice(1) ?? [];
      return lines.map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase()));
    };
    const usual = /^(?:content-|date|connection|keep-alive|transfer-)/i;
    for (const { on, responds, gets } of responses) {
      const respond = Object.entries(responds).map(([name, value]) => `${name}=${value}`);
      const given = (await ask(on, '-H', `x-respond: ${respond.join(', ')}`)).filter((line) => !usual.test(line));
      t.deepEqual(given, gets, `${on} ${respond.join()}`);
    }
    t.deepEqual(
      (await ask('/both')).filter((line) => line.startsWith('x-by')),
      ['x-by: backend', 'x-by: rule'],
    );
    t.deepEqual(
      (await ask('/moved')).filter((line) => /^(?:x-by|location)/.test(line)),
      ['location: http://example.org/moved', 'x-by: rule'],
    );
  },
);

labTest(
  'each backend of a split gets its own headers, and paths are matched in the order of the gateway’s suite',
  async (t, lab) => {
    const split = ['v1', 'v2'].map((name) => ({ name, port: 80, weight: 10, filters: [named(name)] }));
    const mesh = await startMesh(lab, {
      pods: { client: {}, v1: {}, v2: {}, v3: {} },
      services: [
        ...['v1', 'v2', 'v3'].map((name, index) => ({ name, ip: index + 2, pods: [name] })),
        { name: 'split', ip: 1, pods: [] },
        { name: 'order', ip: 9, pods: [] },
      ],
      routes: [
        ...routesOf('split', [rule({ backendRefs: split })]),
        // HTTPRoutePathMatchOrder and HTTPRouteExactPathMatching.
        ...routesOf('order', [
          rule({ matches: [exact('/match')], backendRefs: to('v1') }),
          rule({ matches: [exact('/match/exact')], backendRefs: to('v2') }),
          rule({ matches: [exact('/match/exact/one')], backendRefs: to('v3') }),
          rule({ matches: [prefix('/match/')], backendRefs: to('v3') }),
          rule({ matches: [prefix('/match/prefix/')], backendRefs: to('v1') }),
          rule({ matches: [prefix('/match/prefix/one')], backendRefs: to('v2') }),
          rule({ matches: [exact('/two')], backendRefs: to('v2') }),
        ]),
      ],
    });
    const { pod } = mesh.pod('client');
    const { stdout } = await pod.run({ command: ['curl', '-sS', '-w', '\n', 'http://10.96.0.1/?[1-40]'] });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Pick<Answer, 'name' | 'headers'>);
    t.is(answers.length, 40);
    for (const { name, headers } of answers) t.is(headers?.['backend'], name);
    t.is([...new Set(answers.map(({ name = '' }) => name))].toSorted().join(), 'v1,v2');
    const paths = [
      ['/match/exact/one', 'v3'],
      ['/match/exact', 'v2'],
      ['/match', 'v1'],
      ['/match/prefix/one/any', 'v2'],
      ['/match/prefix/any', 'v1'],
      ['/match/any', 'v3'],
      ['/two', 'v2'],
      ...['/', '/two/', '/two/example', '/Two', '/matches'].map((path) => [path, undefined]),
    ];
    for (const [path, name] of paths) {
      const answer = await curl(pod, `http://10.96.0.9${path}`);
      t.is(answer.name, name, path);
      t.is(answer.status, name === undefined ? 404 : 200, path);
    }
  },
);
