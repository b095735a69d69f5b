import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Api } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import { readCluster } from '../cluster/cluster.ts';
import { get, kubectl } from '../cluster/kubectl.ts';
import { waitUntil } from '../cluster/process/progress.ts';
import { deploy, deployment, service } from '../cluster/support/app.ts';
import { followLog } from '../cluster/support/log.ts';
import { freshName, makeNamespace, removeNamespaces } from '../cluster/support/namespace.ts';
import { type Pod, readPod } from '../cluster/support/pods.ts';
import { programPod } from '../cluster/support/program.ts';
import { httpRoute, to as backend } from '../cluster/support/route.ts';
import { makeRoute, makeService } from './clusterObjects.ts';

/**
 * How long a changed weight takes on the test cluster: from the request to the API server, and from its answer, until an
 * injected client's request is routed by it; and how much of that is the agent's. `npm run cluster:up` and an installed
 * Heddle first; started by `npm run bench:propagation`.
 */
const { values: options } = parseArgs({
  options: {
    changes: { type: 'string', default: '150' },
    others: { type: 'string', multiple: true, default: ['1', '1000'] },
  },
});

const namespace = freshName('propagation');
const othersNamespace = `${namespace}-others`;
const routesPath = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`;
const cluster = await readCluster();
if (cluster === undefined) throw new Error('No test cluster is up. Bring it up: npm run cluster:up');
const api = await connectApi({ kubeconfig: cluster.kubeconfig });
try {
  await setUp(api);
  console.log(['other routes', 'changes', 'from', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms'].join('\t'));
  let made = 0;
  for (const others of options.others.map(Number)) {
    await makeOthers(api, made, others);
    made = others;
    print(others, await measure(api, Number(options.changes)));
  }
} finally {
  await removeNamespaces(namespace, othersNamespace);
  await api.close();
}

async function setUp(to: Api): Promise<void> {
  await makeNamespace(namespace);
  await makeNamespace(othersNamespace, {});
  await deploy(['blue', 'green'].flatMap((name) => [deployment(namespace, name), service(namespace, name)]));
  await to.request({ method: 'POST', path: routesPath, body: routeTo('blue') });
  await deploy([await programPod({ namespace, name: 'client' }, 'answers', [`http://blue.${namespace}/`, '1'])]);
}

/** Sends all to one of the two backends; the other one keeps a weight of 0. */
function routeTo(name: 'blue' | 'green') {
  const backends = ['blue', 'green'].map((one) => backend(one, { weight: one === name ? 100 : 0 }));
  return httpRoute(namespace, 'web', 'blue', [{ backendRefs: backends }]);
}

async function makeOthers(to: Api, from: number, until: number): Promise<void> {
  let next = from;
  const work = async (): Promise<void> => {
    for (let index = next++; index < until; index = next++) {
      await to.request(makeService(othersNamespace, index));
      await to.request(makeRoute(othersNamespace, index, 1));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  // Until the last status is written, and what that did has died down.
  await waitUntil('the status of the last route', 120_000, async () => {
    const last = `${othersNamespace}/httproutes/route-${until - 1}`;
    const route = await to.request({ path: `/apis/gateway.networking.k8s.io/v1/namespaces/${last}` });
    return JSON.stringify(route).includes('"Accepted"');
  });
  await sleep(5000);
}

type Times = { readonly [from: string]: number[] };

async function measure(to: Api, changes: number): Promise<Times> {
  let seen = { text: '', atMs: 0 };
  const follow = { namespace, pod: 'client', container: 'app', tail: 1 };
  const log = await followLog(follow, (line) => (seen = line as typeof seen));
  const times = { 'the request': [] as number[], "the API's answer": [] as number[], 'API alone': [] as number[] };
  const startedAt = new Date().toISOString();
  try {
    await waitUntil('the first answer', 20_000, () => Promise.resolve(seen.text !== ''));
    for (let turn = 0; turn < changes; turn++) {
      const wanted = seen.text === 'blue' ? 'green' : 'blue';
      const sentMs = Number(process.hrtime.bigint()) / 1e6;
      await to.request({
        method: 'PATCH',
        path: `${routesPath}/web`,
        contentType: 'application/merge-patch+json',
        body: { spec: routeTo(wanted)['spec'] },
      });
      const answeredMs = Number(process.hrtime.bigint()) / 1e6;
      await waitUntil(`change ${turn}, to ${wanted},`, 10_000, () => Promise.resolve(seen.text === wanted), 5);
      times['the request'].push(seen.atMs - sentMs);
      times["the API's answer"].push(seen.atMs - answeredMs);
      times['API alone'].push(answeredMs - sentMs);
      await sleep(100 + Math.random() * 100);
    }
  } finally {
    log.close();
  }
  return { ...times, ...(await agentTimes(startedAt)) };
}

/** What the agent of the client's node says of each change: since its event, and the work in it. */
async function agentTimes(since: string): Promise<Times> {
  const { spec } = await readPod(namespace, 'client');
  const agent = 'app.kubernetes.io/name=heddle-agent';
  const there = `--field-selector=spec.nodeName=${spec.nodeName}`;
  const agents = await get<{ items: readonly Pod[] }>('-n', 'heddle-system', 'pods', '-l', agent, there);
  const name = agents.items[0]?.metadata.name ?? '';
  const text = await kubectl('-n', 'heddle-system', 'logs', name, `--since-time=${since}`);
  const lines = text
    .split('\n')
    .filter((line) => line.includes(`"HTTPRoute ${namespace}/web"`))
    .map((line) => JSON.parse(line) as { heldMs: number; translateMs: number });
  return {
    "the agent's event": lines.map(({ heldMs, translateMs }) => heldMs + translateMs),
    "the agent's work": lines.map(({ translateMs }) => translateMs),
  };
}

function print(others: number, times: Times): void {
  for (const [from, list] of Object.entries(times)) {
    const sorted = list.toSorted((a, b) => a - b);
    const at = (share: number): string =>
      (sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN).toFixed(1);
    console.log([others, list.length, from, at(0.5), at(0.9), at(0.99), at(1)].join('\t'));
  }
}
