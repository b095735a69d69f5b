import type { Lab } from '../labTest.ts';
import { sidecarReady } from '../../../lab/programs.ts';
import { curl, endpointsKnown, until } from '../clients.ts';
import { type Mesh, startMesh } from '../mesh.ts';
import { type Fault, url, web } from './steady.ts';

const sets = [
  ['a1', 'a2'],
  ['b1', 'b2'],
] as const;

/** A mesh with the Service `web` before one set of pods; those of the other stand by. */
export function startSets(lab: Lab): Promise<Mesh> {
  const pods = Object.fromEntries(['client', ...sets.flat()].map((name) => [name, {}]));
  return startMesh(lab, { pods, services: [{ ...web, pods: sets[0] }] });
}

/**
 * All endpoints are replaced so often, as a rolling update does: the new ones are ready before the old ones terminate, then
 * the old ones leave the slice and get SIGTERM. A request under way at an old one is finished, and no connection stays there.
 */
export function replaced(times: number): Fault {
  return async (mesh) => {
    const client = mesh.pod('client').pod;
    const wrong: string[] = [];
    for (let turn = 0; turn < times; turn += 1) {
      const [old, next] = turn % 2 === 0 ? sets : [sets[1], sets[0]];
      await mesh.writeService({ ...web, pods: [...old, ...next] });
      await known(mesh, web.name, [...old, ...next]);
      const before = slowAt(mesh, old);
      const underWay = Array.from({ length: 6 }, () => curl(client, `${url}slow/1500`));
      await until(async () => slowAt(mesh, old) > before);
      await mesh.writeService({ ...web, pods: [...old, ...next], terminating: old });
      await mesh.writeService({ ...web, pods: next });
      await known(mesh, web.name, next);
      for (const { status, text } of await Promise.all(underWay))
        if (status !== 200) wrong.push(`a request under way got ${status}: ${text}`);
      for (const name of old) await until(async () => (await connectionsFrom(mesh, name)) === 0);
      await Promise.all(
        old
          .flatMap((name) => [...mesh.pod(name).apps, mesh.pod(name).sidecar])
          .map((process) => process.stop('SIGTERM')),
      );
      for (const name of old) {
        await mesh.restartApps(name);
        mesh.restartSidecar(name);
        await sidecarReady(mesh.pod(name).pod, 90_000);
      }
    }
    return { said: `all endpoints replaced ${times} times; what was under way finished, no connection stayed`, wrong };
  };
}

/** Waits until the client's sidecar balances over exactly these pods for a Service. */
export function known(mesh: Mesh, service: string, names: readonly string[]): Promise<void> {
  const addresses = names.flatMap((name) => mesh.pod(name).addresses);
  return endpointsKnown(mesh.pod('client').pod, service, addresses);
}

/** How many slow requests the apps of these pods have begun. */
function slowAt(mesh: Mesh, names: readonly string[]): number {
  return names.flatMap((name) => mesh.pod(name).apps.flatMap(({ lines }) => lines)).filter((line) => line === 'slow')
    .length;
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
