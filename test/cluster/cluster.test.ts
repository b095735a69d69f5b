import { connect } from 'node:net';
import test from 'ava';
import { nodeExec, startComponent, stopComponent } from './cluster.ts';
import { apply, clusterAccess, execIn, get, kubectl, kubectlOf, tryKubectl, waitForApiServer } from './kubectl.ts';
import { firstNode, nodes, secondNode } from './names.ts';
import { deploy, pod, service, serving, undeclared } from './support/app.ts';
import { ask, type Seen, startCaller } from './support/call.ts';
import { forwardPort } from './support/forwardPort.ts';
import { addressesOf, inUrl, readPod } from './support/pods.ts';
import { useNamespace } from './support/useNamespace.ts';

const namespace = useNamespace('cluster', { 'pod-security.kubernetes.io/enforce': 'baseline' });
const nodePort = { ...undeclared(), type: 'NodePort', ipFamilyPolicy: 'RequireDualStack' };

test.before(async () => {
  await deploy([
    podOn(firstNode.name, 'one'),
    podOn(secondNode.name, 'two'),
    service(namespace, 'both', { ...nodePort, selector: { of: 'both' } }),
    service(namespace, 'two', nodePort),
  ]);
});

test.serial('pods on two nodes reach each other over IPv4 and IPv6, with their own addresses', async (t) => {
  for (const [from, to] of [
    ['one', 'two'],
    ['two', 'one'],
    ['one', 'one'],
  ] as const) {
    const own = addressesOf(await readPod(namespace, from));
    const addresses = addressesOf(await readPod(namespace, to));
    t.is(addresses.length, 2);
    for (const [index, address] of addresses.entries()) {
      const seen = await ask(namespace, from, `http://${inUrl(address)}:8080/hello`);
      t.like(seen, { pod: to, path: '/hello' });
      t.is(seen.from.replace('::ffff:', ''), own[index] ?? 'none');
    }
  }
});

test.serial(
  'a Service reaches the pods of both nodes from both nodes, over IPv4 and IPv6, a pod itself included',
  async (t) => {
    const { spec } = await get<{ spec: { clusterIPs: string[] } }>('-n', namespace, 'service', 'both');
    t.is(spec.clusterIPs.length, 2);
    for (const from of ['one', 'two'] as const) {
      const caller = await startCaller(namespace, from);
      t.teardown(() => caller.close());
      for (const address of spec.clusterIPs) {
        const answers = await Promise.all(Array.from({ length: 60 }, () => caller.call(`http://${inUrl(address)}/`)));
        t.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]), `${from} → ${address}`);
        const pods = new Set(answers.map(({ seen }) => seen?.pod ?? 'nobody'));
        t.deepEqual([...pods].toSorted(), ['one', 'two'], `${from} → ${address}`);
      }
    }
  },
);

test.serial('a NodePort answers on every node', async (t) => {
  const { spec } = await get<{ spec: { ports: { nodePort: number }[] } }>('-n', namespace, 'service', 'two');
  for (const { addresses } of nodes) {
    const url = `http://${addresses[4]}:${spec.ports[0]?.nodePort}/`;
    for (const node of ['node1', 'node2'] as const) {
      t.is((JSON.parse(await nodeExec(node, ['curl', '-sS', '-m', '60', url])) as Seen).pod, 'two', `${node} → ${url}`);
    }
  }
});

test.serial('names of Services are found by DNS', async (t) => {
  t.is((await ask(namespace, 'one', `http://two.${namespace}.svc.cluster.local/`)).pod, 'two');
  t.regex((await ask(namespace, 'two', 'http://both/')).pod, /^(one|two)$/);
});

test.serial('logs and exec work, with exit codes and standard input', async (t) => {
  t.is(await kubectl('-n', namespace, 'logs', 'two'), 'listening\n');
  const failed = await tryKubectl('-n', namespace, 'exec', 'one', '--', 'sh', '-c', 'echo words >&2; exit 3');
  t.false(failed.ok);
  t.regex(failed.output, /words[^]*exit code 3/);
});

test.serial('a port is forwarded from the outside to a pod', async (t) => {
  const socket = connect(await forwardPort(t, namespace, 'two', 9000), '127.0.0.1');
  socket.end('there and back');
  const answer = await socket.setEncoding('utf8').toArray();
  t.is(answer.join(''), 'there and back');
});

test.serial('what a baseline namespace forbids is refused', async (t) => {
  const error = await t.throwsAsync(apply([pod(namespace, 'forbidden', { spec: { hostNetwork: true } })]));
  t.regex(error?.message ?? '', /violates PodSecurity/);
});

test.serial(
  'a token that a pod is given for an audience is known to TokenReview, with the pod it is bound to',
  async (t) => {
    const token = await execIn(namespace, 'one', ['cat', '/var/run/trust/token']);
    const review = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: ['heddle.dev/agent'] },
    };
    t.like(await create(review), {
      status: { authenticated: true, user: { username: `system:serviceaccount:${namespace}:default` } },
    });
    const other = { ...review, spec: { token, audiences: ['elsewhere'] } };
    t.falsy((await create(other)).status.authenticated);
    const { status } = await create(review);
    t.deepEqual(status.user?.extra?.['authentication.kubernetes.io/pod-name'], ['one']);
  },
);

test.serial('a kubelet may not change pods of another node', async (t) => {
  const asNode1 = ['--as=system:node:node1', '--as-group=system:nodes', '-n', namespace];
  const refused = await tryKubectl(...asNode1, 'delete', 'pod', 'two', '--dry-run=server');
  t.regex(refused.output, /Forbidden/);
});

test.serial('pods go on while the API server is away, and it comes back with all objects', async (t) => {
  const [address = ''] = addressesOf(await readPod(namespace, 'two'));
  await stopComponent('kube-apiserver');
  t.false((await tryKubectl('get', 'nodes', '--request-timeout=2s')).ok);
  const answer = await fetch(`http://${address}:8080/`);
  t.is(((await answer.json()) as Seen).pod, 'two');
  await startComponent('kube-apiserver');
  await waitForApiServer();
  t.is((await ask(namespace, 'one', 'http://two/')).pod, 'two');
});

/** A pod of Service `both` that also speaks TCP and has a token for the audience of agents. */
function podOn(nodeName: string, name: string) {
  const serviceAccountToken = { audience: 'heddle.dev/agent', expirationSeconds: 3600, path: 'token' };
  return pod(namespace, name, {
    labels: { of: 'both' },
    spec: { nodeName, volumes: [{ name: 'trust', projected: { sources: [{ serviceAccountToken }] } }] },
    container: {
      ...serving,
      args: [...serving.args, '--tcp', '9000'],
      volumeMounts: [{ name: 'trust', mountPath: '/var/run/trust' }],
    },
  });
}

type Review = {
  readonly status: {
    readonly authenticated?: boolean;
    readonly user?: { readonly extra?: Readonly<Record<string, string[]>> };
  };
};

async function create(object: object): Promise<Review> {
  return JSON.parse(
    await kubectlOf(await clusterAccess(), ['create', '-o', 'json', '-f', '-'], JSON.stringify(object)),
  ) as Review;
}
