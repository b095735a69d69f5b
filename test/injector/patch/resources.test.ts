import test from 'ava';
import { review } from '../reviews.ts';

const annotations = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`heddle.dev/sidecar-${name}`, value]));

type Given = {
  readonly pod?: Readonly<Record<string, string>>;
  readonly namespace?: Readonly<Record<string, string>>;
  readonly spec?: object;
};

function resourcesOf({ pod = {}, namespace = {}, spec = {} }: Given) {
  const { pod: patched, response } = review(
    {
      metadata: { name: 'web', annotations: annotations(pod) },
      spec: { containers: [{ name: 'app', image: 'app:1' }], ...spec },
    },
    {},
    { namespace: { name: 'shop', annotations: annotations(namespace) } },
  );
  const ours = patched.spec['initContainers'] as readonly { readonly name: string; readonly resources: unknown }[];
  return response.allowed ? ours.slice(0, 2).map(({ resources }) => resources) : response.status?.message;
}

const limited = { limits: { cpu: '500m', memory: '1Gi' } };

const cases: readonly (readonly [title: string, given: Given, requests: object, limits: object])[] = [
  ['without annotations they are the settings', {}, { cpu: '20m', memory: '64Mi' }, { memory: '256Mi' }],
  [
    'a pod says its own',
    { pod: { 'cpu-request': '100m', 'cpu-limit': '2', 'memory-request': '128Mi', 'memory-limit': '512Mi' } },
    { cpu: '100m', memory: '128Mi' },
    { cpu: '2', memory: '512Mi' },
  ],
  [
    'a namespace says them for its pods, and a pod something else',
    { namespace: { 'cpu-limit': '1', 'memory-limit': '512Mi' }, pod: { 'memory-limit': '1Gi' } },
    { cpu: '20m', memory: '64Mi' },
    { cpu: '1', memory: '1Gi' },
  ],
  ['none leaves one out', { pod: { 'cpu-request': 'none', 'memory-limit': 'none' } }, { memory: '64Mi' }, {}],
  [
    'a limit below the usual request takes that along',
    { pod: { 'memory-limit': '48Mi' } },
    { cpu: '20m', memory: '48Mi' },
    { memory: '48Mi' },
  ],
  [
    'a request above the usual limit takes that along',
    { pod: { 'memory-request': '0.5Gi' } },
    { cpu: '20m', memory: '0.5Gi' },
    { memory: '0.5Gi' },
  ],
  [
    'where all containers have a CPU limit, as a quota demands, ours have one',
    { spec: { containers: [{ name: 'a', resources: limited }], initContainers: [{ name: 'b', resources: limited }] } },
    { cpu: '20m', memory: '64Mi' },
    { cpu: '1', memory: '256Mi' },
  ],
  [
    'where one has none, ours have none',
    { spec: { containers: [{ name: 'a', resources: limited }, { name: 'b' }] } },
    { cpu: '20m', memory: '64Mi' },
    { memory: '256Mi' },
  ],
  [
    'of a budget of the whole pod they take their part',
    { spec: { resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '1' } } } },
    {},
    {},
  ],
  ['of a budget for memory only, memory', { spec: { resources: { limits: { memory: '128Mi' } } } }, { cpu: '20m' }, {}],
  [
    'what a pod with a budget says of them holds',
    { spec: { resources: { limits: { memory: '1Gi' } } }, pod: { 'memory-limit': '256Mi' } },
    { cpu: '20m' },
    { memory: '256Mi' },
  ],
];

for (const [title, given, requests, limits] of cases) {
  test(`resources: ${title}`, (t) => {
    t.deepEqual(resourcesOf(given), [
      { requests, limits },
      { requests, limits },
    ]);
  });
}

test('resources: a limit below the request that is said as well is refused', (t) => {
  t.regex(
    String(resourcesOf({ pod: { 'memory-limit': '64Mi', 'memory-request': '128Mi' } })),
    /annotation heddle\.dev\/sidecar-memory-limit: 64Mi is less than heddle\.dev\/sidecar-memory-request, 128Mi; raise it/,
  );
});

test('resources: what a namespace says wrongly is refused with its name', (t) => {
  t.regex(
    String(resourcesOf({ namespace: { 'cpu-limit': '-1' } })),
    /annotation heddle\.dev\/sidecar-cpu-limit of namespace shop: "-1" is wrong/,
  );
});
