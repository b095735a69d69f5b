import test from 'ava';
import { parseFile } from '../../../agent/files/parse.ts';
import { objectKey } from '../../../agent/objects/types.ts';

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n    - port: 80\n`;
const route = (spec: string): string =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata:\n  name: cart\nspec:\n${spec}\n`;

const grpcRoute = (spec: string): string => route(spec).replace('kind: HTTPRoute', 'kind: GRPCRoute');
const method = (fields: string): string => grpcRoute(`  rules:\n    - matches:\n        - method: ${fields}`);

/** Each broken text, with the line and a part of the message that a person is told. */
const broken: readonly (readonly [title: string, text: string, line: number, message: RegExp])[] = [
  ['a flow sequence that is not closed', `${service('a')}---\nkind: [`, 9, /correct the YAML here/],
  ['a tab as indentation', 'kind: Service\nmetadata:\n\tname: a\n', 3, /[Tt]ab/],
  ['one key twice', 'apiVersion: v1\nkind: Service\nkind: Pod\n', 3, /unique/],
  ['an alias to nothing', 'apiVersion: v1\nkind: Service\nmetadata: *nobody\n', 1, /nobody.*write it out/],
  ['no kind', 'apiVersion: v1\nmetadata: {name: a}\n', 1, /kind: is required/],
  ['no name', 'apiVersion: v1\nkind: Service\nmetadata:\n  namespace: shop\n', 4, /metadata\.name: is required/],
  ['a scalar for an object', 'hello\n', 1, /must be a mapping of fields, found string "hello"/],
  [
    'a name that YAML reads as a number',
    service('80'),
    4,
    /metadata\.name: must be text, found number 80; write it in quotes/,
  ],
  [
    'a port that is text',
    service('a').replace('port: 80', 'port: "80"'),
    7,
    /spec\.ports\[0\]\.port: must be a whole number from 1 to 65535/,
  ],
  ['a port that is too large', service('a').replace('port: 80', 'port: 65536'), 7, /65536/],
  ['two ports of one number', `${service('a')}    - name: b\n      port: 80\n`, 8, /same port 80 TCP/],
  [
    'ports that are no list',
    'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: 80\n',
    5,
    /must be a list/,
  ],
  ['a clusterIP that is no address', `${service('a')}  clusterIP: 10.0.0\n`, 8, /"10\.0\.0" is not an IP address/],
  [
    'a misspelt kind',
    'apiVersion: v1\nkind: Servcie\nmetadata: {name: a}\n',
    2,
    /v1 Servcie is not supported.*check the spelling/,
  ],
  [
    'a kind in a version that is not read',
    'apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: HTTPRoute\nmetadata: {name: a}\n',
    2,
    /write apiVersion: gateway\.networking\.k8s\.io\/v1 or/,
  ],
  [
    'a TCPRoute in a version that is not read',
    'apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: TCPRoute\nmetadata: {name: a}\n',
    2,
    /write apiVersion: gateway\.networking\.k8s\.io\/v1$/,
  ],
  ['a misspelt field of a GRPCRoute', grpcRoute('  rule: []'), 6, /spec\.rule: GRPCRoute has no such field/],
  ['a method that says nothing', method('{type: Exact}'), 8, /matches\[0\]\.method: says nothing; give service/],
  ['a service with a slash', method('{service: a/b}'), 8, /"a\/b" is the name of no gRPC service; write one such as/],
  ['a method with a dot', method('{method: a.b}'), 8, /"a\.b" is the name of no gRPC method; write one such as/],
  ['a method that is a number', method('{method: 1}'), 8, /method\.method: must be text, found number 1/],
  ['two rules of one name in a GRPCRoute', grpcRoute('  rules:\n    - name: a\n    - name: a'), 7, /are named "a"/],
  ['a misspelt field of spec', route('  rule: []'), 6, /spec\.rule: HTTPRoute has no such field/],
  [
    'a path without slash',
    route('  rules:\n    - matches:\n        - path:\n            value: a'),
    9,
    /matches\[0\]\.path\.value: "a" can match no path/,
  ],
  [
    'a negative weight',
    route('  rules:\n    - backendRefs:\n        - name: a\n          weight: -1'),
    9,
    /weight: must be a whole number from 0/,
  ],
  [
    'a filter without type',
    route('  rules:\n    - filters:\n        - urlRewrite: {}'),
    8,
    /filters\[0\]\.type: is required/,
  ],
  ['two rules of one name', route('  rules:\n    - name: a\n    - name: a'), 7, /two rules are named "a"/],
  [
    'a replacement that is missing',
    route(
      '  rules:\n    - filters:\n        - type: URLRewrite\n          urlRewrite:\n            path: {type: ReplaceFullPath}',
    ),
    10,
    /replaceFullPath: is required/,
  ],
  [
    'a time that is none',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  creationTimestamp: yesterday\n',
    5,
    /"yesterday" is not a time/,
  ],
  ['one object twice', `${service('a')}---\n${service('a')}`, 9, /Service default\/a is already at line 1; remove one/],
  [
    'an address of the wrong family',
    'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: a}\naddressType: IPv4\nendpoints:\n  - addresses:\n      - fd00::1\n',
    7,
    /not an address of the slice's addressType, IPv4/,
  ],
  [
    'an item of a List',
    'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n    metadata: {}\n',
    6,
    /metadata\.name: is required/,
  ],
];

for (const [title, text, line, message] of broken) {
  test(`${title} is reported with its line`, (t) => {
    const parsed = parseFile(text);
    t.false(parsed.ok);
    if (parsed.ok) return;
    t.is(parsed.problems[0]?.line, line, parsed.problems[0]?.message);
    t.regex(parsed.problems[0]?.message ?? '', message);
  });
}

test('all problems of a file are reported at once', (t) => {
  const parsed = parseFile(
    `${service('a').replace('80', 'x')}---\n${service('b').replace('80', 'y')}---\nkind: Nothing\n`,
  );
  t.deepEqual(parsed.ok ? [] : parsed.problems.map(({ line }) => line), [7, 15, 17]);
});

test('documents, Lists and empty documents are read, other kinds are ignored', (t) => {
  const list =
    'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: b}}\n- {apiVersion: v1, kind: Pod, metadata: {name: c, namespace: d}}\n';
  const other = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {anything: [1]}\n';
  const parsed = parseFile(`---\n---\n# nothing\n---\n${service('a')}---\n${list}---\n${other}`);
  t.true(parsed.ok);
  if (!parsed.ok) return;
  t.deepEqual(
    parsed.objects.map(({ object }) => objectKey(object)),
    ['Service default/a', 'Service default/b', 'Pod d/c'],
  );
  t.deepEqual(parsed.ignored, ['apps/v1 Deployment']);
});

for (const text of [
  '['.repeat(20_000),
  '{a: '.repeat(20_000),
  '- '.repeat(20_000),
  '\0\0',
  '{"__proto__": {"kind": "Service"}}',
]) {
  test(`${JSON.stringify(text.slice(0, 9))}, ${text.length} characters of it, is refused and throws nothing`, (t) => {
    t.false(parseFile(text).ok);
  });
}

test('JSON is read as it is', (t) => {
  const parsed = parseFile(
    JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }, undefined, '\t'),
  );
  t.deepEqual(parsed.ok ? parsed.objects.map(({ line }) => line) : parsed.problems, [1]);
});

test('an alias that expands without end is refused quickly', (t) => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(',')}]`,
  );
  const started = process.threadCpuUsage();
  const parsed = parseFile(`a0: &a0 [x]\n${levels.join('\n')}\n`);
  t.false(parsed.ok);
  const { user, system } = process.threadCpuUsage(started);
  t.true(user + system < 1_000_000, `${user + system} µs`);
});
