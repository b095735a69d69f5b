import { sidecarReady } from '../../../lab/programs.ts';
import { endpointsKnown } from '../clients.ts';
import type { Mesh } from '../mesh.ts';

/** The pods of a Service that is updated again and again: those of one set serve, those of the other stand by. */
export const sets = [
  ['a1', 'a2'],
  ['b1', 'b2'],
] as const;

/** Which set leaves and which one comes, turn by turn. */
export function inTurn(turn: number): readonly [old: readonly string[], next: readonly string[]] {
  return turn % 2 === 0 ? sets : [sets[1], sets[0]];
}

/** Waits until the client's sidecar balances over exactly these pods for a Service. */
export function known(mesh: Mesh, service: string, names: readonly string[]): Promise<void> {
  const addresses = names.flatMap((name) => mesh.pod(name).addresses);
  return endpointsKnown(mesh.pod('client').pod, service, addresses);
}

/** Starts apps and sidecar of a pod again, which have ended, and waits until it is ready. */
export async function restart(mesh: Mesh, name: string): Promise<void> {
  await mesh.restartApps(name);
  mesh.restartSidecar(name);
  await sidecarReady(mesh.pod(name).pod, 90_000);
}

/** Connections of the client that stand in a pod. */
export async function connectionsFrom(mesh: Mesh, name: string): Promise<number> {
  const { pod } = mesh.pod(name);
  const { stdout } = await pod.run({ command: ['ss', '-Htn', 'state', 'established'] });
  return stdout
    .split('\n')
    .filter((line) =>
      mesh
        .pod('client')
        .addresses.some((address) => [`${address}:`, `${address}]`].some((text) => line.includes(text))),
    ).length;
}
