import type { Lab } from '../labTest.ts';
import { curl, until } from '../clients.ts';
import { type Mesh, startMesh } from '../mesh.ts';
import { connectionsFrom, inTurn, known, restart, sets } from './sets.ts';
import { type Fault, url, web } from './steady.ts';

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
      const [old, next] = inTurn(turn);
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
      for (const name of old) await restart(mesh, name);
    }
    return { said: `all endpoints replaced ${times} times; what was under way finished, no connection stayed`, wrong };
  };
}

/** How many slow requests the apps of these pods have begun. */
function slowAt(mesh: Mesh, names: readonly string[]): number {
  return names.flatMap((name) => mesh.pod(name).apps.flatMap(({ lines }) => lines)).filter((line) => line === 'slow')
    .length;
}
