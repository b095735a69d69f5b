import { connect } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'ava';
import { imageNames } from './build/images.ts';
import { nodeExec, startComponent, stopComponent } from './cluster.ts';
import {
  apply,
  clusterAccess,
  execIn,
  get,
  kubectl,
  kubectlCommand,
  kubectlOf,
  tryKubectl,
  waitFor,
  waitForApiServer,
} from './kubectl.ts';
import { firstNode, nodes, secondNode } from './names.ts';

const namespace = 'cluster-test';
type Pod = { readonly status: { readonly podIPs: readonly { readonly ip: string }[] } };
type Seen = { readonly pod: string; readonly path: string; readonly from: string };

test.before(async () => {
  await apply([
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
    },
  ]);
  await apply([
    pod('one', firstNode.name),
    pod('two', secondNode.name),
    service('app', { app: 'cluster-test' }),
    service('two', { pod: 'two' }),
  ]);
  await waitFor(namespace, 'pod/one', 'condition=Ready');
  await waitFor(namespace, 'pod/two', 'condition=Ready');
});

test.after.always(() => tryKubectl('delete', 'namespace', namespace, '--wait=false'));

test.serial('pods on two nodes reach each other over IPv4 and IPv6, with their own addresses', async (t) => {
  for (const [from, to] of [
    ['one', 'two'],
    ['two', 'one'],
    ['one', 'one'],
  ] as const) {
    const own = await addressesOf(from);
    const addresses = await addressesOf(to);
    t.is(addresses.length, 2);
    for (const [index, address] of addresses.entries()) {
      const seen = await curl(from, `http://${inUrl(address)}:8080/hello`);
      t.like(seen, { pod: to, path: '/hello' });
      t.is(seen.from.replace('::ffff:', ''), own[index] ?? 'none');
    }
  }
});

test.serial(
  'a Service reaches the pods of both nodes from both nodes, over IPv4 and IPv6, a pod itself included',
  async (t) => {
    const { spec } = await get<{ spec: { clusterIPs: string[] } }>('-n', namespace, 'service', 'app');
    t.is(spec.clusterIPs.length, 2);
    for (const from of ['one', 'two'] as const) {
      for (const address of spec.clusterIPs) {
        const words = await execIn(namespace, from, [...app, 'load', `http://${inUrl(address)}/`, '60', '20']);
        const { statuses, pods } = JSON.parse(words) as { statuses: object; pods: object };
        t.deepEqual(statuses, { 200: 60 }, `${from} → ${address}`);
        t.deepEqual(Object.keys(pods).toSorted(), ['one', 'two'], `${from} → ${address}`);
      }
    }
  },
);

test.serial('a NodePort answers on every node', async (t) => {
  const { spec } = await get<{ spec: { ports: { nodePort: number }[] } }>('-n', namespace, 'service', 'two');
  for (const { addresses } of nodes) {
    const url = `http://${addresses[4]}:${spec.ports[0]?.nodePort}/`;
    for (const node of ['node1', 'node2'] as const) {
      t.is((JSON.parse(await nodeExec(node, ['curl', '-sS', '-m', '5', url])) as Seen).pod, 'two', `${node} → ${url}`);
    }
  }
});

test.serial('names of Services are found by DNS', async (t) => {
  t.is((await curl('one', `http://two.${namespace}.svc.cluster.local/`)).pod, 'two');
  t.regex((await curl('two', 'http://app/')).pod, /^(one|two)$/);
});

test.serial('logs and exec work, with exit codes and standard input', async (t) => {
  t.is(await kubectl('-n', namespace, 'logs', 'two'), 'listening\n');
  const failed = await tryKubectl('-n', namespace, 'exec', 'one', '--', 'sh', '-c', 'echo words >&2; exit 3');
  t.false(failed.ok);
  t.regex(failed.output, /words[^]*exit code 3/);
});

test.serial('a port is forwarded from the outside to a pod', async (t) => {
  const [program = '', ...args] = kubectlCommand(await clusterAccess(), [
    '-n',
    namespace,
    'port-forward',
    'two',
    ':9000',
  ]);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const socket = connect(Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]), '127.0.0.1');
  socket.end('there and back');
  const answer = await socket.setEncoding('utf8').toArray();
  t.is(answer.join(''), 'there and back');
});

test.serial('what a baseline namespace forbids is refused', async (t) => {
  const forbidden = { ...pod('forbidden', firstNode.name) };
  const error = await t.throwsAsync(apply([{ ...forbidden, spec: { ...forbidden.spec, hostNetwork: true } }]));
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
  const [address = ''] = await addressesOf('two');
  await stopComponent('kube-apiserver');
  t.false((await tryKubectl('get', 'nodes', '--request-timeout=2s')).ok);
  const answer = await fetch(`http://${address}:8080/`);
  t.is(((await answer.json()) as Seen).pod, 'two');
  await startComponent('kube-apiserver');
  await waitForApiServer();
  t.is((await curl('one', 'http://two/')).pod, 'two');
});

const app = ['node', '/app/main.ts'];

function pod(name: string, nodeName: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: 'cluster-test', pod: name } },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'app',
          image: imageNames.testApp,
          args: ['serve', '--http', '8080', '--tcp', '9000'],
          readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
          volumeMounts: [{ name: 'trust', mountPath: '/var/run/trust' }],
        },
      ],
      volumes: [
        {
          name: 'trust',
          projected: {
            sources: [
              { serviceAccountToken: { audience: 'heddle.dev/agent', expirationSeconds: 3600, path: 'token' } },
            ],
          },
        },
      ],
    },
  };
}

function service(name: string, selector: Readonly<Record<string, string>>) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'NodePort', selector, ipFamilyPolicy: 'RequireDualStack', ports: [{ port: 80, targetPort: 8080 }] },
  };
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

async function addressesOf(name: string): Promise<string[]> {
  const { status } = await get<Pod>('-n', namespace, 'pod', name);
  return status.podIPs.map(({ ip }) => ip);
}

async function curl(from: string, url: string): Promise<Seen> {
  return JSON.parse(await execIn(namespace, from, ['curl', '-sS', '-m', '5', url])) as Seen;
}

function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
