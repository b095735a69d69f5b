import { join } from 'node:path';
import { roles } from '../../../cli/roles.ts';
import { heddleCommand } from '../../../lab/programs.ts';
import { type LoadSummary, startLoad } from '../clients.ts';
import type { Lab } from '../labTest.ts';
import { type Mesh, type PodOptions, startMesh } from '../mesh.ts';
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
  return startMesh(lab, versions({}));
}

/**
 * The same for looking at memory: V8 and the C library are as in the image, on which more depends than on what a process does,
 * and the agent prints what a collection leaves (programs/collected.ts).
 */
export function startVersionsAsInImage(lab: Lab): Promise<Mesh> {
  const { nodeFlags, environment } = roles.sidecar;
  const client: PodOptions = { env: environment, wrap: (command) => command.toSpliced(1, 0, ...nodeFlags) };
  const [node = '', ...program] = heddleCommand('agent/main.ts');
  const collected = join(import.meta.dirname, '../programs/collected.ts');
  const agent = [node, ...roles.agent.nodeFlags, '--expose-gc', '--import', collected, ...program];
  return startMesh(lab, { ...versions(client), agent });
}

function versions(client: PodOptions): Parameters<typeof startMesh>[1] {
  const services = [
    { ...web, pods: ['v1', 'v2'] },
    { name: 'v1', ip: 2, pods: ['v1'] },
    { name: 'v2', ip: 3, pods: ['v2'] },
  ];
  return { pods: { client, v1: {}, v2: {} }, services, routes: allTo('v1') };
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
