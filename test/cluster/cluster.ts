import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodes, stateFolder } from './names.ts';
import { isRunning, startAgain, stop } from './process/component.ts';
import { run } from './process/run.ts';

/** What `up` notes of the cluster that runs. */
export type ClusterNote = {
  readonly kubernetes: string;
  readonly gatewayApi: string;
  readonly kubeconfig: string;
  /** What it is made of; another one means another cluster. */
  readonly fingerprint: string;
};

const file = join(stateFolder, 'cluster.json');

/** The cluster that is up; undefined when none is. */
export async function readCluster(): Promise<ClusterNote | undefined> {
  if (!existsSync(file)) return undefined;
  return JSON.parse(await readFile(file, 'utf8')) as ClusterNote;
}

/** Notes the cluster, as the last step of bringing it up. */
export async function writeCluster(note: ClusterNote): Promise<void> {
  await writeFile(file, JSON.stringify(note, undefined, 2));
}

/** The programs of the cluster, in the order of their start. */
export const components = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  ...nodes.flatMap(({ name }) => [`containerd-${name}`, `kubelet-${name}`, `kube-proxy-${name}`] as const),
] as const;

export type ComponentName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | `${'containerd' | 'kubelet' | 'kube-proxy'}-${'node1' | 'node2'}`;

/** Ends one program of the cluster, the API server say, with SIGKILL: a graceful end waits a minute for its watches. */
export async function stopComponent(name: ComponentName): Promise<void> {
  await stop({ name, folder: stateFolder }, 'SIGKILL');
}

/** Starts again a program that was stopped. It may need a while until it serves: see `waitForApiServer`. */
export async function startComponent(name: ComponentName): Promise<void> {
  await startAgain({ name, folder: stateFolder });
}

/** The programs that do not run. */
export async function deadComponents(): Promise<string[]> {
  const dead = await Promise.all(
    components.map(async (name) => ((await isRunning({ name, folder: stateFolder })) ? [] : [name])),
  );
  return dead.flat();
}

/** Runs a command in the network namespace of a node, where every pod and Service can be reached. Throws when it fails. */
export function nodeExec(node: 'node1' | 'node2', command: readonly string[]): Promise<string> {
  return run(command, { network: `heddle-${node}` });
}
