import { initName, sidecarName } from '../../contract/containers.ts';
import type { JsonObject } from '../../runtime/json.ts';

/** Whether a container has the name of one of ours. */
export function isOurs(container: JsonObject): boolean {
  return container['name'] === initName || container['name'] === sidecarName;
}
