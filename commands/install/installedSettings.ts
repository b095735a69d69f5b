import { fieldsOf, type JsonObject, objectsOf } from '../../runtime/json.ts';
import { type InstallSettings, none, type ResourceWish, sidecarVariables } from './settings.ts';

/** The two workloads of an installation that runs, as the API server has them. */
export type Workloads = { readonly agents: JsonObject; readonly injectors: JsonObject };

/** What was chosen in an installation that runs, so that an upgrade keeps it. The image is the injector's. */
export function installedSettings({ agents, injectors }: Workloads): InstallSettings & { readonly image: string } {
  const [agent, injector] = [containerOf(agents), containerOf(injectors)];
  const replicas = fieldsOf(injectors['spec'])['replicas'];
  const { namespace } = fieldsOf(injectors['metadata']);
  return {
    image: String(injector['image']),
    ...(typeof namespace === 'string' && { namespace }),
    ...(typeof replicas === 'number' && { replicas }),
    agent: wishOf(agent),
    injector: wishOf(injector),
    sidecar: sidecarWishOf(injector),
  };
}

/** The same image of another version; undefined where a digest says which one it is. */
export function imageOfVersion(image: string, version: string): string | undefined {
  if (image.includes('@')) return undefined;
  return `${image.replace(/:[^:/]*$/, '')}:${version}`;
}

/** The one container of a workload of ours; without fields where there is none. */
export function containerOf(workload: JsonObject | undefined): JsonObject {
  const pod = fieldsOf(fieldsOf(fieldsOf(workload?.['spec'])['template'])['spec']);
  return objectsOf(pod['containers'])[0] ?? {};
}

function wishOf(container: JsonObject): ResourceWish {
  const { requests, limits } = fieldsOf(container['resources']);
  return {
    cpuRequest: quantityIn(requests, 'cpu'),
    cpuLimit: quantityIn(limits, 'cpu'),
    memoryRequest: quantityIn(requests, 'memory'),
    memoryLimit: quantityIn(limits, 'memory'),
  };
}

function quantityIn(part: unknown, name: string): string {
  const value = fieldsOf(part)[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : none;
}

function sidecarWishOf(container: JsonObject): ResourceWish {
  const given = new Map(objectsOf(container['env']).map(({ name, value }) => [name, value]));
  const entries = Object.entries(sidecarVariables).flatMap(([key, name]) => {
    const value = given.get(name);
    return typeof value === 'string' ? [[key, value] as const] : [];
  });
  return Object.fromEntries(entries);
}
