import { accessLines } from './clients.ts';
import { redirect, part, prefix } from './filterCases.ts';
import { labTest } from './labTest.ts';
import { startMesh, type PodOptions } from './mesh.ts';
import { routeObject } from './objects.ts';
import { builtProgram, lacksTool } from './programs.ts';

const noGo = await lacksTool('go');
const noJava = await lacksTool('go', 'java');
const backendRefs = [{ name: 'web', port: 80 }];
const cors = { allowOrigins: ['https://shop.example'], allowMethods: ['PUT'] };
const mirror = { type: 'RequestMirror', requestMirror: { backendRef: { name: 'copy', port: 80 } } };
const routes = [
  routeObject({
    parent: 'web',
    rules: [
      { backendRefs },
      { matches: [prefix('/never/answers')], timeouts: { request: '1s' }, backendRefs },
      { matches: [prefix('/busy')], retry: { codes: [503], attempts: 2, backoff: '10ms' }, backendRefs },
      { matches: [prefix('/cors')], filters: [{ type: 'CORS', cors }], backendRefs },
      { matches: [prefix('/moved')], filters: [redirect({ ...part('/arrived'), statusCode: 307 })] },
      { matches: [prefix('/arrived')], filters: [mirror], backendRefs },
    ],
  }),
];

const services = [
  { name: 'web', ip: 1, pods: ['one', 'two'] },
  { name: 'copy', ip: 2, pods: ['copy'] },
];
const late = 'heddle: 504 the response of the endpoint was not complete within timeouts.request of its rule, 1s';

/** Two servers in Go behind the Service, and who gets copies. */
async function servers(): Promise<{ readonly program: string; readonly pods: Readonly<Record<string, PodOptions>> }> {
  const program = `${await builtProgram('go')}/real`;
  const server = (name: string): PodOptions => ({ apps: [[program, 'server', name, '8080']] });
  return { program, pods: { client: {}, one: server('one'), two: server('two'), copy: {} } };
}

labTest(
  'a program in Go: net/http as client and server',
  async (t, lab) => {
    const { program, pods } = await servers();
    const mesh = await startMesh(lab, { pods, services, routes });
    const { pod, sidecar } = mesh.pod('client');
    const { stdout, stderr } = await pod.run({ command: [program, 'client', 'http://10.96.0.1'] });
    t.deepEqual(JSON.parse(stdout || stderr), {
      keepAlive: 19,
      lastOfConnection: [{ status: 200, body: 'GET /next 0 none' }, true],
      continued: [{ status: 200, body: 'POST /continued 100000 length' }, true],
      refusedBeforeBody: [{ status: 403 }, false],
      earlyAnswer: { status: 413, body: 'too large\n' },
      chunkedWithTrailers: { saw: { 'X-Checksum': 'abc' }, framing: 'chunked', length: 70_003, same: true },
      largeBothWays: [{ status: 200, body: 'PUT /large 31457280 length' }, 31_457_280],
      hints: ['103 </style.css>; rel=preload', { status: 200, body: 'whole' }],
      bodiless: [{ status: 200 }, { status: 204 }],
      routeTimeout: { status: 504, body: `${late}\n` },
      givesUp: { status: 0, error: 'timeout' },
      abortsUpload: { status: 0, error: 'canceled' },
      brokenOff: [
        { status: 200, error: 'reset' },
        { status: 200, error: 'reset' },
      ],
      retried: { '200 POST /busy/one 6 length': 6, '200 POST /busy/two 6 length': 6 },
      preflight: [204, 'https://shop.example', 'PUT'],
      followed: { status: 200, body: 'POST /arrived/on 6 length' },
      tunnelled: ['lines', 'hello', 'first', 'second'],
      manyAtOnce: { 200: 500 },
      afterwards: { status: 200, body: 'GET /after 0 none' },
    });
    const told = [
      ['/never/answers', { status: 504, flags: 'UT' }],
      ['/never/waited', { status: 499, flags: 'DC' }],
      ['/aborted', { flags: 'DC' }],
      ['/aborts/length', { status: 200, flags: 'UC' }],
      ['/aborts/chunked', { status: 200, flags: 'UC' }],
      ['/continued', { status: 200, flags: undefined, bytesIn: 100_000 }],
      ['/forbidden', { status: 403, flags: undefined, bytesIn: 0 }],
      ['/cors', { status: 204, cors: 'preflight allowed' }],
      ['/tunnel', { status: 101, flags: undefined }],
    ] as const;
    for (const [path, expected] of told) t.like((await accessLines(sidecar, path))[0], expected, path);
    t.like((await accessLines(mesh.pod('copy').sidecar, '/arrived/on'))[0], { method: 'POST', bytesIn: 6 });
    t.is((await accessLines(sidecar, '/many', 500)).length, 500);
  },
  () => noGo,
);

function saw(method: string, path: string, length: number, framing = 'none'): RegExp {
  return new RegExp(`^200 HTTP_1_1 .*"method":"${method}","url":"${path}","length":${length},"framing":"${framing}"`);
}

labTest(
  'a program in Java: the clients of the JDK, which ask for HTTP/2 by an upgrade',
  async (t, lab) => {
    const classes = await builtProgram('java');
    const { pods } = await servers();
    const mesh = await startMesh(lab, {
      pods: { ...pods, chat: { apps: [['webSocketServer.ts', 'chat', '8080']] } },
      services: [...services, { name: 'chat', ip: 3, pods: ['chat'] }],
      routes,
    });
    const { pod, sidecar } = mesh.pod('client');
    const java = ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m', '-cp', classes, 'Client'];
    const { stdout, stderr } = await pod.run({ command: [...java, 'http://10.96.0.1', 'ws://10.96.0.3/room'] });
    const said = stdout.split('\n').map((line) => line.split('\t'));
    const expected: readonly (readonly [step: string, outcome: string | RegExp])[] = [
      ['get', saw('GET', '/get', 0)],
      ['again', saw('GET', '/again', 0)],
      ['posted', saw('POST', '/posted', 100_000, 'length')],
      ['continued', saw('POST', '/continued', 100_000, 'length')],
      ['chunked', saw('PUT', '/chunked', 70_000, 'chunked')],
      ['large', saw('PUT', '/large', 20_971_520, 'chunked')],
      ['download', '20971520'],
      ['bodiless', '200 HTTP_1_1'],
      ['empty', '204 HTTP_1_1'],
      ['routeTimeout', `504 HTTP_1_1 ${late}`],
      ['givesUp', 'timeout'],
      ['brokenOff', 'broken off'],
      ['retried', '{200=12}'],
      ['preflight', '204 https://shop.example'],
      ['followed', saw('POST', '/arrived/on', 6, 'length')],
      ['manyAtOnce', '{200=300}'],
      ['webSocket', 'chat greets /room, small, 200000, 1000'],
      ['urlConnection', '200 whole, 200 whole, 200 whole'],
      ['afterwards', saw('GET', '/after', 0)],
    ];
    for (const [step, outcome] of expected) {
      const heard = said.find(([name]) => name === step)?.[1] ?? stderr;
      if (typeof outcome === 'string') t.is(heard, outcome, step);
      else t.regex(heard, outcome, step);
    }
    t.regex(
      String((await accessLines(sidecar, '/get'))[0]?.['reason']),
      /asked to upgrade to HTTP.2, and was passed on without/,
    );
    t.like((await accessLines(sidecar, '/never/waited'))[0], { status: 499, flags: 'DC' });
    t.like((await accessLines(sidecar, '/aborts/length'))[0], { status: 200, flags: 'UC' });
    t.like((await accessLines(sidecar, '/room'))[0], { status: 101, flags: undefined });
  },
  () => noJava,
);
