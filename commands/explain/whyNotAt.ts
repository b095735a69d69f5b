import { objectKey, type ParentRef, type RouteObject } from '../../agent/objects/types.ts';
import { type AttachedRoute, attachRoute } from '../../agent/translate/attach.ts';
import { judge } from '../../agent/translate/judge.ts';
import type { Lookup } from '../../agent/translate/lookup.ts';
import { referredName } from '../../agent/translate/references.ts';
import { readEndpointsName } from '../../routing/model.ts';
import type { Mesh } from '../mesh/mesh.ts';

/** Whether a parentRef means a Service, `namespace/name`, also by mistake. */
export function isParent(route: RouteObject, ref: ParentRef, service: string): boolean {
  return ref.kind === 'Service' && referredName(route, ref) === service;
}

/**
 * Why a route that means a Service does not serve at its port `namespace/service:port`: by its status, by the other `routes`
 * that mean the Service, or since it is for other ports.
 */
export function whyNotAt(mesh: Mesh, portName: string, route: RouteObject, routes: readonly RouteObject[]): string {
  const { service } = readEndpointsName(portName);
  const key = objectKey(route);
  const { parents = [], mistakes = [] } = mesh.statuses.get(key) ?? {};
  const conditions = parents
    .filter(({ parentRef }) => isParent(route, parentRef, service))
    .flatMap((parent) => parent.conditions);
  const refused = conditions.find(({ type, status }) => type === 'Accepted' && !status);
  if (refused !== undefined) return `not accepted (${refused.reason}): ${refused.message}`;
  // Which backends it may refer to does not matter here.
  const lookup: Lookup = { service: (name) => mesh.objects.Service.get(name), grants: () => [] };
  const attached = routes.map((one) => attachRoute(objectKey(one), one, lookup));
  const here = attached.flatMap(({ attachments }) => attachments.filter(({ port }) => port === portName));
  const refusal = judge(here).refused.get(key);
  if (refusal !== undefined) return refusal.message;
  const own = attached.find(({ object }) => object === route);
  return (own && whyLeftOut(own, mesh, portName)) ?? mistakes[0] ?? 'for another port of the Service';
}

/** What a route for all ports says of one that it leaves out, as of one that speaks another protocol. */
function whyLeftOut({ parents }: AttachedRoute, { objects }: Mesh, portName: string): string | undefined {
  const { service, port: number } = readEndpointsName(portName);
  const name = objects.Service.get(service)?.ports.find(({ port }) => port === number)?.name ?? '';
  const start = `port ${number}${name === '' ? '' : ` (${name})`} of Service ${service} is not routed: it `;
  const notes = parents.flatMap(({ parent }) => (parent.ok ? parent.notes : []));
  const note = notes.find((one) => one.startsWith(start));
  return note && `the port ${note.slice(start.length)}`;
}
