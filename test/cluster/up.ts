import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { etcdRecipe, gatewayApiRecipe, kubernetesRecipe } from './build/binaries.ts';
import { buildImages } from './build/images.ts';
import { obtain } from './build/recipe.ts';
import { clean, leftovers, removeLogs } from './clean.ts';
import { deadComponents, readCluster, writeCluster } from './cluster.ts';
import { type ControlPlane, prepare, startApiServer, startEtcd } from './control/controlPlane.ts';
import { startManagers } from './control/managers.ts';
import { createPki } from './control/pki.ts';
import { corednsObjects } from './coredns.ts';
import { installGatewayApi } from './gatewayApi.ts';
import { type Access, apply, kubectlCommand, kubectlOf } from './kubectl.ts';
import { type NodePlan, firstNode, network, nodes, stateFolder } from './names.ts';
import { createCgroup } from './node/cgroups.ts';
import { importImage, startContainerd } from './node/containerd.ts';
import { startKubeProxy } from './node/kubeProxy.ts';
import { startKubelet } from './node/kubelet.ts';
import { createNetwork, saveSettings } from './node/network.ts';
import { say, seconds, step, waitUntil } from './process/progress.ts';
import { tryRun } from './process/run.ts';
import { findProblems } from './requirements.ts';

/**
 * Brings the cluster up; does nothing when it is up and well. Throws with every problem when something is missing here.
 * To be called within `alone`: a cluster of other versions, which somebody may be using, is replaced.
 */
export async function up(): Promise<void> {
  const problems = await findProblems();
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const startedAt = performance.now();
  const built = await build();
  if (await isWell(built.fingerprint)) {
    say('cluster', 'is up already');
    return;
  }
  await removeOld();
  await create(built);
  say('cluster', `up after ${seconds(startedAt)}; logs: ${join(stateFolder, 'logs')}`);
}

type Built = {
  readonly kubernetes: string;
  readonly etcd: string;
  readonly gatewayApi: string;
  readonly images: readonly string[];
  readonly fingerprint: string;
};

/** One build after another: each has use for all cores. */
async function build(): Promise<Built> {
  const kubernetes = await obtain(kubernetesRecipe());
  const etcd = await obtain(etcdRecipe());
  const gatewayApi = await obtain(gatewayApiRecipe());
  const images = await buildImages();
  return {
    kubernetes,
    etcd,
    gatewayApi,
    images,
    fingerprint: [kubernetes, etcd, gatewayApi, ...images, await ownHash()].join('\n'),
  };
}

/** Of the files that say how the cluster is put together. */
async function ownHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['names.ts', 'coredns.ts', 'up.ts', ...(await filesIn('control')), ...(await filesIn('node'))]) {
    hash.update(await readFile(join(import.meta.dirname, name)));
  }
  return hash.digest('hex');
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(join(import.meta.dirname, folder));
  return names.toSorted().map((name) => join(folder, name));
}

async function isWell(fingerprint: string): Promise<boolean> {
  const cluster = await readCluster();
  if (cluster === undefined) return false;
  const dead = await deadComponents();
  if (dead.length > 0) {
    say('old cluster', `does not run whole: ${dead.join(', ')} ended`);
    return false;
  }
  if (cluster.fingerprint !== fingerprint) {
    say('old cluster', 'is made of other versions');
    return false;
  }
  const kubectl = join(cluster.kubernetes, 'kubectl');
  const ask = [
    kubectl,
    `--kubeconfig=${cluster.kubeconfig}`,
    'wait',
    '--for=condition=Ready',
    'nodes',
    '--all',
    '--timeout=60s',
  ];
  const answer = await tryRun(ask, { network: firstNode.networkNamespace });
  if (!answer.ok) say('old cluster', `is not well: ${answer.output.trim()}`);
  return answer.ok;
}

async function removeOld(): Promise<void> {
  if ((await leftovers()).length > 0) await step('leftovers', 'removed', clean);
  await removeLogs();
}

async function create(built: Built): Promise<void> {
  const { kubernetes, etcd, gatewayApi, fingerprint } = built;
  await mkdir(stateFolder, { recursive: true });
  await chmod(stateFolder, 0o711);
  await saveSettings();
  await createNetwork();
  for (const node of nodes) await createCgroup(node.cgroup);
  const pki = await createPki(join(stateFolder, 'pki'));
  const plane: ControlPlane = {
    folder: stateFolder,
    pki,
    binaries: { kubernetes, etcd },
    address: network.apiServer,
    ports: { apiServer: network.apiServerPort, etcd: 2379, etcdPeers: 2380 },
    services: network.services,
    network: firstNode.networkNamespace,
    apiServerFlags: [`--advertise-address=${network.apiServer}`],
  };
  const kubeconfig = await prepare(plane, [network.firstService]);
  const access: Access = { kubectl: join(kubernetes, 'kubectl'), kubeconfig, network: firstNode.networkNamespace };
  const runtimes = nodes.map(async (node) => step(`containerd ${node.name}`, 'ready', () => startContainerd(node)));
  const images = Promise.all(nodes.map(async (node, index) => importAll(node, built.images, runtimes[index])));
  await Promise.all([startControl(plane), ...runtimes]);
  await Promise.all(nodes.flatMap((node) => [startKubelet(plane, node), startKubeProxy(plane, node)]));
  await Promise.all([
    step('nodes', 'ready', () => waitForNodes(access)),
    step('Gateway API', 'standard CRDs served', () => installGatewayApi({ channel: 'standard', access })),
    // Pods that start before their image is there would wait for another try.
    images.then(() => apply(corednsObjects, access)),
  ]);
  await step('CoreDNS', 'ready', () => waitForCoreDns(access));
  await writeCluster({ kubernetes, gatewayApi, kubeconfig, fingerprint });
}

async function startControl(plane: ControlPlane): Promise<void> {
  await step('etcd', 'ready', () => startEtcd(plane));
  await step('API server', 'ready', () => startApiServer(plane));
  await startManagers(plane);
}

async function importAll(node: NodePlan, tars: readonly string[], runtime?: Promise<void>): Promise<void> {
  await runtime;
  await step(`images ${node.name}`, `${tars.length} imported`, async () => {
    for (const tar of tars) await importImage(node, tar);
  });
}

async function waitForNodes(access: Access): Promise<void> {
  const names = nodes.map(({ name }) => `node/${name}`);
  const ready = ['wait', '--for=condition=Ready', ...names, '--timeout=60s'];
  await waitUntil('the nodes', 120_000, async () => (await tryRun(kubectlCommand(access, ['get', ...names]))).ok);
  await kubectlOf(access, ready);
}

async function waitForCoreDns(access: Access): Promise<void> {
  await kubectlOf(access, ['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s']);
}
