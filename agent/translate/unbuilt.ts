import type { ParentRef, UnbuiltRoute } from '../objects/types.ts';
import type { Parent } from './parents.ts';
import { referredName } from './references.ts';

/** Why a route of a kind that is not built attaches nowhere: it neither serves nor takes a port from routes that do. */
export function refuseUnbuilt(route: UnbuiltRoute, ref: ParentRef): Parent {
  const { kind } = route;
  const message = `${kind} is not supported yet: the traffic of Service ${referredName(route, ref)} goes on as without this route; remove this parentRef, or upgrade Heddle to a version that knows ${kind}`;
  return { ok: false, reason: 'UnsupportedValue', message };
}
