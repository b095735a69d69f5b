import { accessLines, curl, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

const at = 'http://10.96.0.1';
const prefix = (value: string): unknown => ({ path: { type: 'PathPrefix', value } });

function modifier(name: string): unknown {
  const change = { name: 'x-add', value: name };
  return { set: [{ name: 'x-set', value: name }], add: [change], remove: ['x-remove'] };
}

/** A rule that tells the app which one it was. */
function rule(name: string, match: unknown): unknown {
  const requestHeaderModifier = { set: [{ name: 'x-rule', value: name }] };
  const filters = [{ type: 'RequestHeaderModifier', requestHeaderModifier }];
  return { matches: [match], filters, backendRefs: [{ name: 'web', port: 80 }] };
}

/** A filter that tells the client which route it was. */
function namedBy(value: string): unknown {
  return { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-route', value }] } };
}

/** The rules of a route that tells the client which one it was. */
function rules(value: string): unknown[] {
  return [{ filters: [namedBy(value)], backendRefs: [{ name: 'web', namespace: 'shop', port: 80 }] }];
}

labTest('filters: rewrites, redirects, header changes, and what is not built', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {} },
    services: [{ name: 'web', ip: 1, pods: ['web'] }],
    routes: [
      routeObject({
        parent: 'web',
        rules: [
          {
            name: 'rewrite',
            matches: [prefix('/old')],
            filters: [
              {
                type: 'URLRewrite',
                urlRewrite: {
                  hostname: 'new.example',
                  path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' },
                },
              },
            ],
            backendRefs: [{ name: 'web', port: 80 }],
          },
          {
            matches: [prefix('/full')],
            filters: [
              { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplaceFullPath', replaceFullPath: '/all' } } },
            ],
            backendRefs: [{ name: 'web', port: 80 }],
          },
          {
            matches: [prefix('/moved')],
            filters: [
              {
                type: 'RequestRedirect',
                requestRedirect: {
                  scheme: 'https',
                  hostname: 'shop.example',
                  statusCode: 308,
                  path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' },
                },
              },
            ],
          },
          {
            matches: [prefix('/headers')],
            filters: [
              { type: 'RequestHeaderModifier', requestHeaderModifier: modifier('rule') },
              {
                type: 'ResponseHeaderModifier',
                responseHeaderModifier: { set: [{ name: 'x-answer', value: 'rule' }], remove: ['content-type'] },
              },
            ],
            backendRefs: [
              {
                name: 'web',
                port: 80,
                filters: [
                  {
                    type: 'RequestHeaderModifier',
                    requestHeaderModifier: { add: [{ name: 'x-backend', value: 'yes' }] },
                  },
                ],
              },
            ],
          },
          {
            matches: [prefix('/extension')],
            filters: [{ type: 'ExtensionRef', extensionRef: { group: 'a', kind: 'b', name: 'c' } }],
            backendRefs: [{ name: 'web', port: 80 }],
          },
        ],
      }),
    ],
  });
  const client = mesh.pod('client').pod;
  const full = await curl(client, `${at}/full/x?y=1`);
  t.like(full, { status: 200, url: '/all?y=1' }, 'the query stays');
  const rewritten = await curl(client, `${at}/old/a?b=c`);
  t.like(rewritten, { status: 200, url: '/new/a?b=c' });
  t.is(rewritten.headers?.['host'], 'new.example');
  t.is((await curl(client, `${at}/old`)).url, '/new');
  t.is((await curl(client, `${at}/older`)).status, 404, '/old is a prefix of whole segments');

  const redirect = await curl(client, '-o', '/dev/null', '-w', '%{redirect_url}\n%{http_code}', `${at}/moved/x?q=1`);
  t.is(redirect.status, 308);
  t.true(redirect.text.includes('https://shop.example/x?q=1'), redirect.text);

  const changed = await curl(client, '-D', '-', '-H', 'x-add: client', '-H', 'x-remove: client', `${at}/headers`);
  t.regex(changed.text, /x-answer: rule/i);
  t.notRegex(changed.text, /content-type/i);
  const seen = JSON.parse(changed.text.slice(changed.text.indexOf('{'))) as { headers: Record<string, string> };
  t.like(seen.headers, { 'x-set': 'rule', 'x-add': 'client, rule', 'x-backend': 'yes' });
  t.false('x-remove' in seen.headers);

  const extension = await curl(client, `${at}/extension`);
  t.is(extension.status, 500, 'a filter that is not built fails the rule');
  t.like((await accessLines(mesh.pod('client').sidecar, '/extension'))[0], { status: 500, flags: 'NFCF' });
});

labTest('matches by path, header, query and method, in the order of precedence', async (t, lab) => {
  const names = ['exact', 'longer', 'shorter', 'regex', 'method', 'header', 'query', 'rest'];
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {} },
    services: [{ name: 'web', ip: 1, pods: ['web'] }],
    routes: [
      routeObject({
        parent: 'web',
        rules: [
          rule('rest', prefix('/z')),
          rule('query', { ...(prefix('/a') as object), queryParams: [{ name: 'q', value: '1' }] }),
          rule('header', { ...(prefix('/a') as object), headers: [{ name: 'X-One', value: '1' }] }),
          rule('method', { ...(prefix('/a') as object), method: 'DELETE' }),
          rule('regex', { path: { type: 'RegularExpression', value: '/(r[0-9]+|z)' } }),
          rule('shorter', prefix('/a')),
          rule('longer', prefix('/a/b')),
          rule('exact', { path: { type: 'Exact', value: '/a/b/c' } }),
        ],
      }),
    ],
  });
  const client = mesh.pod('client').pod;
  const ruleFor = async (...args: readonly string[]): Promise<string | undefined> =>
    (await curl(client, ...args)).headers?.['x-rule'];
  const chosen = [
    await ruleFor(`${at}/a/b/c`),
    await ruleFor(`${at}/a/b/d`),
    await ruleFor(`${at}/a/x`),
    await ruleFor(`${at}/r42`),
    await ruleFor('-X', 'DELETE', '-H', 'x-one: 1', `${at}/a?q=1`),
    await ruleFor('-H', 'x-one: 1', `${at}/a?q=1`),
    await ruleFor(`${at}/a?q=1`),
    await ruleFor(`${at}/z`),
  ];
  t.deepEqual(chosen, names);
});

labTest(
  'consumer routes replace producer routes for clients of their namespace; pod IPs and Host headers do not matter',
  async (t, lab) => {
    const mesh = await startMesh(lab, {
      pods: { client: {}, other: { namespace: 'other', apps: [] }, web: {} },
      services: [
        { name: 'web', ip: 1, pods: ['web'] },
        { name: 'bare', ip: 2, pods: ['web'] },
      ],
      routes: [
        routeObject({ parent: 'web', rules: rules('producer') }),
        routeObject({ parent: 'web', parentNamespace: 'shop', namespace: 'other', rules: rules('consumer') }),
      ],
    });
    const routeOf = async (pod: string, ...args: readonly string[]): Promise<string> =>
      (await curl(mesh.pod(pod).pod, '-D', '-', '-o', '/dev/null', ...args)).text;
    t.regex(await routeOf('client', `${at}/`), /x-route: producer/i);
    t.regex(await routeOf('other', `${at}/`), /x-route: consumer/i);
    t.notRegex(await routeOf('client', '-H', 'Host: web', 'http://10.96.0.2/'), /x-route/i);
    t.regex(await routeOf('client', '-H', 'Host: bare', `${at}/`), /x-route: producer/i);
    t.notRegex(await routeOf('client', `http://${mesh.pod('web').addresses[0]}:8080/`), /x-route/i);
  },
);

labTest(
  'shares of invalid backends answer 500, backends without endpoints 503, nothing matched 404',
  async (t, lab) => {
    const mesh = await startMesh(lab, {
      pods: { client: {}, web: {} },
      services: [
        { name: 'web', ip: 1, pods: ['web'] },
        { name: 'empty', ip: 2, pods: [] },
      ],
      routes: [
        routeObject({
          parent: 'web',
          rules: [
            {
              matches: [prefix('/half')],
              backendRefs: [
                { name: 'web', port: 80, weight: 1 },
                { name: 'absent', port: 80, weight: 1 },
              ],
            },
            {
              matches: [prefix('/zero')],
              backendRefs: [
                { name: 'web', port: 80 },
                { name: 'absent', port: 80, weight: 0 },
              ],
            },
            { matches: [prefix('/none')] },
            { matches: [prefix('/empty')], backendRefs: [{ name: 'empty', port: 80 }] },
            { matches: [prefix('/far')], backendRefs: [{ name: 'web', namespace: 'bank', port: 80 }] },
          ],
        }),
      ],
    });
    const { pod, sidecar } = mesh.pod('client');
    const statuses = async (path: string, count: number): Promise<Record<string, number>> => {
      const { stdout } = await pod.run({
        command: ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}\n', `${at}${path}?[1-${count}]`],
      });
      const lines = stdout.split('\n').filter((line) => /^\d+$/.test(line));
      return Object.fromEntries(
        Object.entries(Object.groupBy(lines, (line) => line)).map(([status, all]) => [status, all?.length ?? 0]),
      );
    };
    const half = await statuses('/half', 400);
    t.is((half['200'] ?? 0) + (half['500'] ?? 0), 400);
    t.true(Math.abs((half['500'] ?? 0) - 200) < 60, JSON.stringify(half));
    t.deepEqual(await statuses('/zero', 50), { 200: 50 });
    t.deepEqual(await statuses('/none', 1), { 500: 1 });
    t.deepEqual(await statuses('/empty', 1), { 503: 1 });
    t.deepEqual(await statuses('/far', 1), { 500: 1 });
    t.deepEqual(await statuses('/nothing', 1), { 404: 1 });
    t.like((await accessLines(sidecar, '/empty'))[0], { flags: 'UH', status: 503 });
    t.like((await accessLines(sidecar, '/nothing'))[0], { flags: 'NR', status: 404 });

    await mesh.writeRoutes([]);
    await t.notThrowsAsync(until(async () => (await curl(pod, `${at}/nothing`)).status === 200));
  },
);
