import test from 'ava';
import { reviewPod } from '../../injector/review.ts';
import { injection, moment, type PodObject, review, reviewOf } from './reviews.ts';

const container = { name: 'app', image: 'app:1' };
const pod = (spec: object = {}, metadata: object = {}): PodObject => ({
  metadata: { name: 'web', ...metadata },
  spec: { containers: [container], ...spec },
});
const labelled = (value: string): PodObject => pod({}, { labels: { 'heddle.dev/inject': value } });
const annotated = (name: string, value: unknown): PodObject =>
  pod({}, { annotations: { [`heddle.dev/${name}`]: value } });

test('a pod without a label was sent by the selector of its namespace, and is injected', (t) => {
  const { response, outcome } = review(pod());
  t.like(response, { uid: 'review-1', allowed: true, patchType: 'JSONPatch' });
  t.is(outcome.result, 'injected');
});

/** A node affinity whose terms want one of some operating systems. */
function wants(terms: readonly (readonly string[])[]): object {
  const nodeSelectorTerms = terms.map((values) => ({
    matchExpressions: [
      { key: 'disk', operator: 'Exists' },
      { key: 'kubernetes.io/os', operator: 'In', values },
    ],
  }));
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

for (const [title, terms] of [
  ['one term of its affinity wants Linux', [['windows'], ['linux']]],
  ['its affinity takes both', [['windows', 'linux']]],
] as const) {
  test(`a pod is injected when ${title}`, (t) => {
    t.is(review(pod(wants(terms))).outcome.result, 'injected');
  });
}

const left: readonly (readonly [string, PodObject, { readonly namespace?: string; readonly warning?: RegExp }])[] = [
  ['its label says disabled', labelled('disabled'), {}],
  ['it is in our own namespace, whatever its label says', labelled('enabled'), { namespace: 'heddle-system' }],
  ['it is in kube-system, whatever its label says', labelled('enabled'), { namespace: 'kube-system' }],
  [
    'its label says something unknown',
    labelled('true'),
    { warning: /inject="true" is unknown: write "enabled" or "disabled"/ },
  ],
  ['it is for Windows', pod({ os: { name: 'windows' } }), { warning: /needs Linux/ }],
  ['its nodes are Windows', pod({ nodeSelector: { 'kubernetes.io/os': 'windows' } }), { warning: /needs Linux/ }],
  [
    'it is the picture of a static pod',
    pod({}, { annotations: { 'kubernetes.io/config.mirror': 'a1b2' }, labels: { 'heddle.dev/inject': 'enabled' } }),
    {},
  ],
  ['its affinity wants Windows', pod(wants([['windows']])), { warning: /needs Linux/ }],
  ['each term of its affinity wants Windows', pod(wants([['windows'], ['windows']])), { warning: /needs Linux/ }],
  ['it uses the network of its node', pod({ hostNetwork: true }), { warning: /hostNetwork shares the node's network/ }],
];
for (const [why, object, { namespace = 'shop', warning }] of left) {
  test(`a pod is left as it is when ${why}`, (t) => {
    const { response, outcome } = review(object, { namespace });
    t.true(response.allowed);
    t.is(response.patch, undefined);
    t.is(outcome.result, 'skipped');
    if (warning === undefined) t.is(response.warnings, undefined);
    else t.regex(response.warnings?.[0] ?? '', warning);
    // Whoever reads no warnings, such as a Deployment, finds it as an Event.
    t.is(outcome.reason === undefined, warning === undefined);
  });
}

const user = { securityContext: { runAsUser: 1337 } };
const refused: readonly (readonly [string, PodObject, RegExp])[] = [
  ['runs as user 1337', pod(user), /container app runs as user 1337.*set another securityContext\.runAsUser/],
  [
    'has a container of user 1337',
    pod({ containers: [container, { name: 'b', ...user }] }),
    /container b runs as user 1337/,
  ],
  [
    'has an init container of user 1337',
    pod({ initContainers: [{ name: 'i', ...user }] }),
    /container i runs as user 1337/,
  ],
  [
    'has a container with our name',
    pod({ containers: [{ name: 'heddle-sidecar' }] }),
    /heddle-sidecar has a name.*rename it/,
  ],
  [
    'has a wrong inbound port',
    annotated('skip-inbound-ports', '80,http'),
    /skip-inbound-ports: "http" is wrong; write ports/,
  ],
  ['has a wrong outbound port', annotated('skip-outbound-ports', '70000'), /skip-outbound-ports: "70000" is wrong/],
  ['has a wrong subnet', annotated('skip-subnets', '10.0.0.0'), /skip-subnets: "10\.0\.0\.0" is wrong; write CIDRs/],
  ['has a wrong opaque port', annotated('opaque-ports', '0'), /opaque-ports: "0" is wrong/],
  ...(
    [
      ['linkerd-proxy', 'Linkerd'],
      ['istio-proxy', 'Istio'],
      ['istio-init', 'Istio'],
      ['kuma-sidecar', 'Kuma'],
    ] as const
  ).flatMap(([name, mesh]) =>
    (['containers', 'initContainers'] as const).map(
      (list) =>
        [
          `has ${name} among its ${list}`,
          pod({ [list]: [container, { name }] }),
          new RegExp(`container ${name} is ${mesh}'s, and a pod can be in one mesh only`),
        ] as const,
    ),
  ),
  [
    'has a volume of our name',
    pod({ volumes: [{ name: 'heddle-trust', emptyDir: {} }] }),
    /volume heddle-trust has a name.*rename it/,
  ],
  [
    'has a volume of our name with a token for somebody else',
    pod({
      volumes: [{ name: 'heddle-trust', projected: { sources: [{ serviceAccountToken: { audience: 'vault' } }] } }],
    }),
    /volume heddle-trust/,
  ],
  ['has a wrong time', annotated('connect-timeout', '5'), /connect-timeout: "5" is wrong; write a time .*"10s"/],
  ['has a time that is too long', annotated('connect-timeout', '25h'), /connect-timeout: "25h" is wrong/],
  [
    'has a wrong limit',
    annotated('max-connections', '0'),
    /max-connections: "0" is wrong; write a whole number from 1/,
  ],
  ['has a wrong mode', annotated('access-log', 'error'), /access-log: "error" is wrong; write one of all, errors, off/],
  [
    'has a wrong quantity',
    annotated('sidecar-cpu-limit', '1 core'),
    /sidecar-cpu-limit: "1 core" is wrong; .*quantity/,
  ],
  ['has an annotation that is no text', annotated('opaque-ports', 5), /opaque-ports: "5" is wrong/],
];
for (const [what, object, message] of refused) {
  test(`a pod that ${what} is refused with what to do`, (t) => {
    const { response, outcome } = review(object);
    t.false(response.allowed);
    t.regex(response.status?.message ?? '', message);
    t.is(outcome.result, 'refused');
    t.regex(outcome.reason ?? '', message);
    t.true((response.status?.message ?? '').length < 400);
  });
}

test('user 1337 of the pod does not matter where every container has another', (t) => {
  const own = { ...container, securityContext: { runAsUser: 1000 } };
  t.true(review(pod({ ...user, containers: [own] })).response.allowed);
});

test('a declared port of the sidecar is warned of', (t) => {
  const ports = [{ containerPort: 8080 }, { containerPort: 15_021 }];
  const { response } = review(pod({ containers: [{ ...container, ports }] }));
  t.true(response.allowed);
  t.is(response.warnings?.length, 1);
  t.regex(response.warnings?.[0] ?? '', /container app declares port 15021, which the sidecar needs \(readiness\)/);
});

test('warnings fit into what the API server passes on', (t) => {
  const ports = [{ containerPort: 15_006 }];
  const readinessProbe = { tcpSocket: { port: 'nothing' } };
  const objects = [...left.map(([, object]) => object), pod({ containers: [{ ...container, ports, readinessProbe }] })];
  const warnings = objects.flatMap((object) => review(object).response.warnings ?? []);
  t.true(warnings.length >= 6);
  for (const warning of warnings) t.true(warning.length <= 256, warning);
});

test('an address of the agents that is not known yet is warned of, and their name used', (t) => {
  const answer = reviewPod(reviewOf(pod({ dnsPolicy: 'Default' })), injection, { ...moment, agentIp: undefined });
  t.true(answer.ok);
  t.regex(JSON.stringify(answer), /cannot resolve the agent's name/);
});

test('a pod with an IPv6 cluster gets the address in brackets', (t) => {
  const { pod: patched } = review(pod({ dnsPolicy: 'Default' }), {}, { agentIp: 'fd96::7' });
  t.regex(JSON.stringify(patched), /"\[fd96::7\]:15010"/);
});

test('what others add to our containers stays, and needs no second patch', (t) => {
  const { pod: patched } = review(pod());
  const [init, sidecar] = patched.spec['initContainers'] as { readonly env?: readonly object[] }[];
  const spec = {
    ...patched.spec,
    initContainers: [
      { ...init, terminationMessagePath: '/dev/termination-log' },
      { ...sidecar, env: [{ name: 'THEIRS', value: '1' }, ...(sidecar?.env ?? [])] },
      { name: 'migrate' },
    ],
  };
  t.deepEqual(review({ ...patched, spec }).operations, []);
});

test('a container that another webhook put before ours moves behind them, and ours keep what was added', (t) => {
  const { pod: patched } = review(pod());
  const [init, sidecar] = patched.spec['initContainers'] as object[];
  const theirs = { ...sidecar, terminationMessagePolicy: 'File' };
  const again = review({ ...patched, spec: { ...patched.spec, initContainers: [{ name: 'first' }, init, theirs] } });
  t.deepEqual(again.pod.spec['initContainers'], [init, theirs, { name: 'first' }]);
});

test('a changed annotation changes what an injected pod has, and its revision', (t) => {
  const { pod: before } = review(annotated('opaque-ports', '9042'));
  const annotations = { ...(before.metadata['annotations'] as object), 'heddle.dev/opaque-ports': undefined };
  const { pod: after } = review({ ...before, metadata: { ...before.metadata, annotations } });
  t.false(JSON.stringify(after).includes('HEDDLE_OPAQUE_PORTS'));
});

const unanswerable: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a list', []],
  ['an older version', { ...reviewOf(pod()), apiVersion: 'admission.k8s.io/v1beta1' }],
  ['another kind', { ...reviewOf(pod()), kind: 'Pod' }],
  ['no request', { ...reviewOf(pod()), request: undefined }],
  ['no uid', { ...reviewOf(pod()), request: { object: pod() } }],
];
for (const [what, body] of unanswerable) {
  test(`${what} in place of an AdmissionReview is refused with what to send`, (t) => {
    const answer = reviewPod(body, injection, { ...moment, agentIp: undefined });
    t.false(answer.ok);
    if (!answer.ok) t.regex(answer.message, /AdmissionReview/);
  });
}

for (const request of [
  { operation: 'UPDATE' },
  { subResource: 'ephemeralcontainers' },
  { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } },
]) {
  test(`what is no creation of a pod passes: ${JSON.stringify(request)}`, (t) => {
    const { response } = review(pod(), request);
    t.deepEqual(response, { uid: 'review-1', allowed: true });
  });
}
