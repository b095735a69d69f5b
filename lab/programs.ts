import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readyPath } from '../contract/paths.ts';
import { ports } from '../contract/ports.ts';
import { podVariables } from '../contract/variables.ts';
import type { NetworkNamespace } from './namespace.ts';
import { type Node, type Pod, nodeAddresses } from './node.ts';
import type { Environment, LabProcess } from './process.ts';
import type { SidecarIdentity } from './requirements.ts';

/** Where sidecars find the agent of the node. */
export const agentAddress = `${nodeAddresses[4]}:${ports.agent}`;

/** The sources that this file is one of. */
export const presentSources = fileURLToPath(new URL('..', import.meta.url));

/** The command line of one of Heddle's own programs, by its path in the repository. */
export function heddleCommand(path: string, ...args: readonly string[]): string[] {
  return [process.execPath, join(presentSources, path), ...args];
}

/** Starts the agent on the node, reading `folder`; `command`: another one than the present agent. */
export function startAgent(node: Node, folder: string, command = heddleCommand('agent/main.ts')): LabProcess {
  return node.start({ command, env: { HEDDLE_CONFIG_DIR: folder } });
}

export type RedirectOptions = {
  readonly sidecar: SidecarIdentity;
  readonly env?: Environment | undefined;
  /** Of which sources; the present ones when left out. */
  readonly sources?: string | undefined;
};

/** Redirects the pod's connections with the real heddle-init. Throws with what it printed. */
export async function redirectPod(
  pod: Pod,
  { sidecar, env, sources = presentSources }: RedirectOptions,
): Promise<void> {
  const { code, stdout, stderr } = await pod.run({
    command: [process.execPath, join(sources, 'sidecar/intercept/init.ts')],
    env: { ...identityEnvironment(sidecar), ...env },
  });
  if (code !== 0) throw new Error(`heddle-init failed in pod ${pod.name}:\n${stdout}${stderr}`);
}

export type SidecarOptions = {
  readonly namespace: string;
  readonly sidecar: SidecarIdentity;
  readonly env?: Environment;
  /** Its limit of open files, where it is not to have that of the lab. */
  readonly openFiles?: number | undefined;
  /** Around its command line, or into it. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
  /** Of which sources; the present ones when left out. */
  readonly sources?: string | undefined;
};

/** Starts the pod's sidecar, as the uid that its rules let through. */
export function startSidecar(
  pod: Pod,
  { namespace, sidecar, env, openFiles, wrap = (command) => command, sources = presentSources }: SidecarOptions,
): LabProcess {
  const command = wrap([process.execPath, join(sources, 'sidecar/main.ts')]);
  return pod.start({
    command:
      openFiles === undefined ? command : ['sh', '-c', 'ulimit -n "$0" && exec "$@"', `${openFiles}`, ...command],
    ...(sidecar.type === 'uid' ? { uid: sidecar.uid } : {}),
    env: {
      [podVariables.agentAddress]: agentAddress,
      [podVariables.podName]: pod.name,
      [podVariables.podNamespace]: namespace,
      ...identityEnvironment(sidecar),
      ...env,
    },
  });
}

/** Waits until the sidecar in this namespace says that it is ready. Throws after `timeoutMs`. */
export async function sidecarReady(
  namespace: NetworkNamespace,
  timeoutMs: number,
  port: number = ports.ready,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const command = ['curl', '-sf', '-m', '2', '-o', '/dev/null', `http://127.0.0.1:${port}${readyPath}`];
  while ((await namespace.run({ command })).code !== 0) {
    if (Date.now() > deadline) throw new Error(`the sidecar was not ready within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The settings by which heddle-init and the sidecar agree on who the sidecar is. */
export function identityEnvironment(sidecar: SidecarIdentity): Environment {
  return sidecar.type === 'mark'
    ? { [podVariables.sidecarMark]: `${sidecar.mark}` }
    : { [podVariables.sidecarUid]: `${sidecar.uid}` };
}
