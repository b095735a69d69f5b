import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { readCluster } from './cluster.ts';
import { firstNode } from './names.ts';
import { waitUntil } from './process/progress.ts';
import { inNetwork, run, tryRun, type RunResult } from './process/run.ts';

/** How a cluster is spoken to: its kubectl, as administrator. */
export type Access = { readonly kubectl: string; readonly kubeconfig: string; readonly network?: string };

/** A Kubernetes object as tests write them. */
export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
};

/** Access to the cluster that is up. Throws when none is. */
export async function clusterAccess(): Promise<Access> {
  const cluster = await readCluster();
  if (cluster === undefined) throw new Error('No test cluster is up. Bring it up: npm run cluster:up');
  const { kubernetes, kubeconfig } = cluster;
  return { kubectl: join(kubernetes, 'kubectl'), kubeconfig, network: firstNode.networkNamespace };
}

/** The command line of kubectl with these words, to start it oneself. */
export function kubectlCommand({ kubectl: program, kubeconfig, network }: Access, words: readonly string[]): string[] {
  return [...inNetwork([program, `--kubeconfig=${kubeconfig}`, ...words], network)];
}

/** Runs kubectl on the cluster that is up; gives what it prints. Throws with its message. */
export async function kubectl(...words: string[]): Promise<string> {
  return kubectlOf(await clusterAccess(), words);
}

/** Runs kubectl; never rejects. For commands that may fail, and for `stderr`. */
export async function tryKubectl(...words: string[]): Promise<RunResult> {
  return tryRun(kubectlCommand(await clusterAccess(), words));
}

/** Runs kubectl with any access; again, up to three times, where a slow API server has not taken the request up. */
export async function kubectlOf(access: Access, words: readonly string[], input?: string): Promise<string> {
  const ask = () => run(kubectlCommand(access, words), input === undefined ? {} : { input });
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!notTakenUp.test(String(error))) throw error;
      await sleep(2000);
    }
  }
  return ask();
}

/** kubectl's own words for a connection that did not come about, to the API server or from there to a kubelet. */
const notTakenUp =
  /Unable to connect to the server: (?:net\/http: TLS handshake timeout|dial tcp \S+ i\/o timeout)|error dialing backend|\(TooManyRequests\)|etcdserver: leader changed/;

/** Applies YAML, or objects, by server-side apply; also what is somebody else's field. */
export async function apply(what: string | readonly KubernetesObject[], access?: Access): Promise<string> {
  const text = typeof what === 'string' ? what : what.map((object) => stringify(object)).join('---\n');
  const words = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  return kubectlOf(access ?? (await clusterAccess()), words, text);
}

/** The decoded JSON of `kubectl get`. */
export async function get<Result = unknown>(...words: string[]): Promise<Result> {
  return JSON.parse(await kubectl('get', '-o', 'json', ...words)) as Result;
}

/** Waits until workloads have rolled out: `deployment/web`, `daemonset/agent`. The error says how they stand. */
export async function waitForRollout(
  namespace: string,
  workloads: readonly string[],
  timeoutMs = 180_000,
): Promise<void> {
  await Promise.all(
    workloads.map(async (workload) => {
      const words = ['-n', namespace, 'rollout', 'status', workload, `--timeout=${Math.ceil(timeoutMs / 1000)}s`];
      const { ok, output } = await tryKubectl(...words);
      if (ok) return;
      const pods = await tryKubectl('-n', namespace, 'get', 'pods', '-o', 'wide');
      const events = await tryKubectl('-n', namespace, 'get', 'events', '--sort-by=.lastTimestamp');
      throw new Error(`${workload} in ${namespace} did not roll out: ${output}\n${pods.output}\n${events.output}`);
    }),
  );
}

/** Waits for a condition that `kubectl wait` knows: `waitFor('shop', 'pod/x', 'condition=Ready')`. */
export async function waitFor(namespace: string, what: string, condition: string, timeoutMs = 180_000): Promise<void> {
  await kubectl('-n', namespace, 'wait', what, `--for=${condition}`, `--timeout=${Math.ceil(timeoutMs / 1000)}s`);
}

/** Waits until the API server answers again, after `startComponent('kube-apiserver')`. */
export async function waitForApiServer(timeoutMs = 120_000): Promise<void> {
  await waitUntil('the API server', timeoutMs, async () => (await tryKubectl('get', '--raw', '/readyz')).ok);
}

/** Runs a command in a container; gives what it prints. */
export function execIn(namespace: string, pod: string, command: readonly string[]): Promise<string> {
  return kubectl('-n', namespace, 'exec', pod, '--', ...command);
}
