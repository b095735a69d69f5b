import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Node, type Pod, createNode } from '../node.ts';
import { type PodObject, readObjects } from '../objects.ts';
import type { LabProcess } from '../process.ts';
import { heddleCommand, redirectPod, sidecarReady, startAgent, startSidecar } from '../programs.ts';
import type { Ground } from '../requirements.ts';
import { temporaryFolder } from '../temporaryFolder.ts';

export type MeshPod = { readonly pod: Pod; readonly namespace: string; readonly sidecar: LabProcess };

/** The demo's mesh: a node with an agent, and pods with a sidecar each. */
export type Mesh = {
  readonly node: Node;
  /** The YAML that the agent reads. */
  readonly folder: string;
  readonly agent: LabProcess;
  readonly pods: ReadonlyMap<string, MeshPod>;
};

const readyTimeoutMs = 90_000;

/** Brings everything up and waits until it is ready. Throws with what the failing program printed. */
export async function startMesh(ground: Ground): Promise<Mesh> {
  const folder = temporaryFolder('heddle-demo-');
  await cp(fileURLToPath(new URL('config', import.meta.url)), folder, { recursive: true });
  const objects = await readObjects(folder);
  const node = await createNode(ground.access, 'demo');
  for (const [name, service] of objects.services) await node.setService(name, service);
  const agent = startAgent(node, folder);
  await agent.waitForLine((line) => line.includes('"Agent ready"'), readyTimeoutMs);
  const pods = new Map<string, MeshPod>();
  for (const object of objects.pods) pods.set(object.name, await startPod(node, object, ground));
  await Promise.all([...pods.values()].map(isReady));
  return { node, folder, agent, pods };
}

async function startPod(node: Node, { name, namespace, addresses }: PodObject, ground: Ground): Promise<MeshPod> {
  const pod = await node.addPod(name, addresses);
  await redirectPod(pod, { sidecar: ground.sidecar });
  const env = { HEDDLE_LOG_FLUSH_MS: '10' };
  const sidecar = startSidecar(pod, { namespace, sidecar: ground.sidecar, env });
  if (name !== 'client') {
    const app = pod.start({ command: heddleCommand('lab/demo/app.ts', name) });
    await app.waitForLine((line) => line === 'listening', readyTimeoutMs);
  }
  return { pod, namespace, sidecar };
}

async function isReady({ pod, sidecar }: MeshPod): Promise<void> {
  const ended = sidecar.exited.then(({ code, signal }) => {
    throw new Error(`the sidecar of pod ${pod.name} ended (${code ?? signal}):\n${sidecar.lines.join('\n')}`);
  });
  await Promise.race([sidecarReady(pod, readyTimeoutMs), ended]);
  ended.catch(() => {});
}
