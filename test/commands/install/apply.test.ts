import test from 'ava';
import { adoptedFields } from '../../../commands/install/adopt.ts';
import { contains } from '../../../commands/install/contains.ts';
import { rolloutOf, troublesOf } from '../../../commands/install/rollout.ts';

test('what the API server adds makes no difference, what it lacks does', (t) => {
  const wanted = { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }], replicas: 2 } };
  const there = {
    metadata: { name: 'a', uid: 'x' },
    spec: { ports: [{ port: 80, protocol: 'TCP' }], replicas: 2 },
    status: {},
  };
  t.true(contains(there, wanted));
  t.false(contains({ ...there, spec: { ...there.spec, replicas: 3 } }, wanted));
  t.false(contains({ ...there, spec: { ...there.spec, ports: [] } }, wanted));
  t.false(contains({ ...there, spec: { ...there.spec, ports: [...there.spec.ports, { port: 81 }] } }, wanted));
  t.false(contains(undefined, wanted));
  t.true(contains({}, { globalDefault: false, value: 0, text: '' }));
  t.false(contains({}, { globalDefault: true }));
  t.false(contains({ globalDefault: true }, { globalDefault: false }));
});

const fields = (...names: readonly string[]): object => Object.fromEntries(names.map((name) => [`f:${name}`, {}]));

test('what kubectl has applied in either way becomes ours, whole', (t) => {
  const managedFields = [
    { manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:spec': fields('a', 'b') } },
    { manager: 'kubectl-client-side-apply', operation: 'Update', fieldsV1: { 'f:spec': fields('b', 'c') } },
    { manager: 'heddle-injector', operation: 'Update', fieldsV1: { 'f:webhooks': {} } },
    { manager: 'kubectl', operation: 'Apply', subresource: 'scale', fieldsV1: {} },
  ];
  const [own, ...others] = adoptedFields({ metadata: { managedFields } }) ?? [];
  t.like(own, { manager: 'heddle', operation: 'Apply', fieldsV1: { 'f:spec': fields('a', 'b', 'c') } });
  t.deepEqual(others, managedFields.slice(2));
  t.is(adoptedFields({ metadata: { managedFields: managedFields.slice(2) } }), undefined);
  t.is(adoptedFields({}), undefined);
});

test('what we own already is kept beside what is taken over', (t) => {
  const managedFields = [
    { manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:spec': fields('a') } },
    { manager: 'heddle', operation: 'Apply', fieldsV1: { 'f:spec': fields('b') } },
  ];
  const adopted = adoptedFields({ metadata: { managedFields } });
  t.is(adopted?.length, 1);
  t.like(adopted?.[0], { manager: 'heddle', fieldsV1: { 'f:spec': fields('a', 'b') } });
});

const daemonSet = (status: object): object => ({ kind: 'DaemonSet', metadata: { generation: 2 }, status });
const deployment = (status: object): object => ({
  kind: 'Deployment',
  metadata: { generation: 2 },
  spec: { replicas: 2 },
  status,
});
const rollouts: readonly [title: string, workload: object, expected: string][] = [
  ['nothing is said yet', { kind: 'DaemonSet', metadata: { generation: 1 } }, 'waits for its controller'],
  ['the former generation is told', daemonSet({ observedGeneration: 1 }), 'waits for its controller'],
  [
    'some agents are of the former template',
    daemonSet({ observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 3 }),
    '1 of 3 made anew',
  ],
  [
    'an agent is not ready',
    daemonSet({ observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 }),
    '2 of 3 ready',
  ],
  [
    'all agents are ready',
    daemonSet({ observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }),
    'done: 3 of 3 ready',
  ],
  [
    'a former injector is left',
    deployment({ observedGeneration: 2, replicas: 3, updatedReplicas: 2, availableReplicas: 3 }),
    '1 of the former still there',
  ],
  [
    'an injector is not ready',
    deployment({ observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1 }),
    '1 of 2 ready',
  ],
  [
    'all injectors are ready',
    deployment({ observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
    'done: 2 of 2 ready',
  ],
];
for (const [title, workload, expected] of rollouts) {
  test(`How far a rollout is: ${title}`, (t) => {
    const { isDone, words } = rolloutOf(workload as never);
    t.is(`${isDone ? 'done: ' : ''}${words}`, expected);
  });
}

const waiting = (reason: string, message?: string): object => ({ state: { waiting: { reason, message } } });
const pod = (name: string, status: object): object => ({ metadata: { name }, status });

test('why pods do not become ready is what they say themselves', (t) => {
  const troubles = troublesOf([
    pod('d', { containerStatuses: [waiting('ImagePullBackOff', 'Back-off pulling image "heddle:0.2.0"')] }),
    pod('c', { containerStatuses: [waiting('ContainerCreating')] }),
    pod('b', {
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'too small' }],
    }),
    pod('a', {
      containerStatuses: [
        { ...waiting('CrashLoopBackOff', 'back-off 10s'), lastState: { terminated: { exitCode: 1 } } },
      ],
    }),
    pod('e', { containerStatuses: [{ state: { running: {} } }] }),
  ] as never);
  t.deepEqual(troubles, [
    'Pod a: CrashLoopBackOff: back-off 10s; it ended with exit code 1',
    'Pod b: Unschedulable: too small',
    'Pod d: ImagePullBackOff: Back-off pulling image "heddle:0.2.0"',
  ]);
});
