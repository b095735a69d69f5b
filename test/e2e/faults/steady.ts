import { type LoadSummary, startLoad } from '../clients.ts';
import type { Lab } from '../labTest.ts';
import { type Mesh, startMesh } from '../mesh.ts';
import { routeObject } from '../objects.ts';

/** The Service whose requests must not fail, by IPv4. */
export const url = 'http://10.96.0.1/';

/** The Service under load, without a route. */
export const web = { name: 'web', ip: 1, portName: 'http' } as const;

/** What came of a fault, besides the requests: a line for people, and what is wrong; nothing: it was withstood. */
export type Outcome = { readonly said: string; readonly wrong: readonly string[] };

/** A fault that is brought upon a mesh while requests of pod `client` flow to the Service `web`. */
export type Fault = (mesh: Mesh) => Promise<Outcome>;

/** A mesh with the Service `web` before two versions, and an HTTPRoute that sends all to the first. */
export function startVersions(lab: Lab): Promise<Mesh> {
  const services = [
    { ...web, pods: ['v1', 'v2'] },
    { name: 'v1', ip: 2, pods: ['v1'] },
    { name: 'v2', ip: 3, pods: ['v2'] },
  ];
  return startMesh(lab, { pods: { client: {}, v1: {}, v2: {} }, services, routes: allTo('v1') });
}

/** A route that sends all requests for `web` to one version; `turn` stands in a header of the answers. */
export function allTo(version: string, turn = 0): unknown[] {
  const set = [{ name: 'x-turn', value: `${turn}` }];
  const filters = [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }];
  return [routeObject({ parent: 'web', rules: [{ filters, backendRefs: [{ name: version, port: 80 }] }] })];
}

/** Brings it upon the mesh under load; `half`: each connection rests as long as its requests take. Throws where the fault could not be brought about. */
export async function underLoad(
  mesh: Mesh,
  fault: Fault,
  load: 'half' | 'full' = 'full',
): Promise<Outcome & { readonly load: LoadSummary }> {
  const stop = await startLoad(mesh.pod('client').pod, url, 8, load);
  const outcome = await fault(mesh);
  return { ...outcome, load: await stop() };
}
