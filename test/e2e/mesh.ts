import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node, Pod } from '../../lab/node.ts';
import type { Environment, LabProcess } from '../../lab/process.ts';
import { heddleCommand, redirectPod, sidecarReady, startAgent, startSidecar } from '../../lab/programs.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';
import type { Lab } from './labTest.ts';
import { type Service, type TestPod, clusterIPs, podObject, serviceObjects } from './objects.ts';

/** How a test's pod begins: its namespace (default `shop`), the apps in it, and settings of its sidecar. */
export type PodOptions = {
  readonly namespace?: string;
  /** Command lines below test/e2e/programs, or of a program by its whole path; `app.ts` on port 8080 unless given. */
  readonly apps?: readonly (readonly string[])[];
  readonly env?: Environment;
  readonly openFiles?: number;
  /** Around the sidecar's command line, or into it. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
  /** Where Kubernetes says that it runs. */
  readonly node?: string;
  /** A folder of Heddle's sources that heddle-init and the sidecar are run of; the present ones when left out. */
  readonly sources?: string;
};

export type MeshPod = TestPod & { readonly pod: Pod; apps: readonly LabProcess[]; sidecar: LabProcess };

/** A mesh for one test; it ends with the lab. */
export type Mesh = {
  readonly node: Node;
  agent: LabProcess;
  /** The YAML that the agent reads. */
  readonly folder: string;
  pod(name: string): MeshPod;
  /** Starts the agent (again), or another one by its command, and waits until it serves. */
  startAgent(command?: string[]): Promise<void>;
  /** Starts the pod's sidecar again after it ended. */
  restartSidecar(name: string): void;
  /** Starts the pod's apps again after they ended. */
  restartApps(name: string): Promise<void>;
  writeRoutes(objects: readonly unknown[]): Promise<void>;
  /** Writes a Service with its endpoints, for the agent and for the node's kube-proxy. */
  writeService(service: Service): Promise<void>;
};

const readyTimeoutMs = 90_000;

/** Starts pods with real redirection and sidecars, an agent unless `agent` is `absent`, and writes the objects. */
export async function startMesh(
  { node, ground }: Lab,
  spec: {
    readonly pods: Readonly<Record<string, PodOptions>>;
    readonly services: readonly Service[];
    readonly routes?: readonly unknown[];
    /** The command of another agent than the present one. */
    readonly agent?: 'absent' | string[];
  },
): Promise<Mesh> {
  const folder = temporaryFolder('heddle-test-');
  const pods = new Map<string, MeshPod>();
  const testPods = new Map(
    Object.entries(spec.pods).map(([name, options], index) => [name, place(name, options, index)]),
  );
  const { sidecar } = ground;
  const startWith = (pod: Pod, namespace: string, { env: added, ...options }: PodOptions = {}): LabProcess =>
    startSidecar(pod, { ...options, namespace, sidecar, env: { HEDDLE_LOG_FLUSH_MS: '10', ...added } });
  const mesh: Mesh = {
    node,
    agent: undefined as unknown as LabProcess,
    folder,
    pod(name) {
      const pod = pods.get(name);
      if (pod === undefined) throw new Error(`the test has no pod ${name}`);
      return pod;
    },
    async startAgent(command) {
      mesh.agent = startAgent(node, folder, command);
      await mesh.agent.waitForLine((line) => line.includes('"Agent ready"'), readyTimeoutMs);
    },
    restartSidecar(name) {
      const pod = mesh.pod(name);
      pod.sidecar = startWith(pod.pod, pod.namespace, spec.pods[name]);
    },
    async restartApps(name) {
      const pod = mesh.pod(name);
      pod.apps = await startApps(pod.pod, appsOf(name, spec.pods[name]));
    },
    writeRoutes: (objects) => write(join(folder, 'routes.yaml'), objects),
    async writeService(service) {
      const { port = 80, targetPort = 8080, terminating = [] } = service;
      const ready = service.pods.filter((pod) => !terminating.includes(pod));
      const addresses = ready.flatMap((pod) => testPods.get(pod)?.addresses ?? []);
      const endpoints = addresses.map((address) => ({ address, port: targetPort }));
      await node.setService(service.name, { clusterIPs: clusterIPs(service), port, endpoints });
      await write(join(folder, `service-${service.name}.yaml`), serviceObjects(service, testPods));
    },
  };
  await write(join(folder, 'pods.yaml'), [...testPods.values()].map(podObject));
  for (const service of spec.services) await mesh.writeService(service);
  await mesh.writeRoutes(spec.routes ?? []);
  if (spec.agent !== 'absent') await mesh.startAgent(spec.agent);
  for (const [name, testPod] of testPods) {
    const options = spec.pods[name] ?? {};
    const pod = await node.addPod(name, testPod.addresses);
    await redirectPod(pod, { sidecar, env: options.env, sources: options.sources });
    const apps = await startApps(pod, appsOf(name, options));
    pods.set(name, { ...testPod, pod, apps, sidecar: startWith(pod, testPod.namespace, options) });
  }
  await Promise.all([...pods.values()].map(({ pod }) => sidecarReady(pod, readyTimeoutMs)));
  return mesh;
}

function appsOf(name: string, options: PodOptions = {}): readonly (readonly string[])[] {
  return options.apps ?? (name === 'client' ? [] : [['app.ts', name, '8080']]);
}

async function startApps(pod: Pod, commands: readonly (readonly string[])[]): Promise<LabProcess[]> {
  const apps = commands.map(([program = '', ...args]) =>
    pod.start({
      command: program.startsWith('/') ? [program, ...args] : heddleCommand(`test/e2e/programs/${program}`, ...args),
    }),
  );
  await Promise.all(apps.map((app) => app.waitForLine((line) => line === 'listening', readyTimeoutMs)));
  return apps;
}

function place(name: string, { namespace = 'shop', node }: PodOptions, index: number): TestPod {
  const last = index + 2;
  return { name, namespace, node, addresses: [`10.244.1.${last}`, `fd00:244:1::${last.toString(16)}`] };
}

/** Whole or not at all, as an editor does it. */
async function write(file: string, objects: readonly unknown[]): Promise<void> {
  await writeFile(`${file}~`, objects.map((object) => `${JSON.stringify(object, undefined, 2)}\n`).join('---\n'));
  await rename(`${file}~`, file);
}
