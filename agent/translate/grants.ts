import type { ObjectName } from '../../routing/model.ts';
import type { HTTPRoute, ReferenceGrant } from '../objects/types.ts';

/** Whether a ReferenceGrant in the target's namespace lets HTTPRoutes of the route's namespace refer to the Service. */
export function isGranted(route: HTTPRoute, target: ObjectName, grants: readonly ReferenceGrant[]): boolean {
  return grants.some(
    (grant) =>
      grant.meta.namespace === target.namespace &&
      grant.from.some(
        (from) =>
          from.group === 'gateway.networking.k8s.io' &&
          from.kind === 'HTTPRoute' &&
          from.namespace === route.meta.namespace,
      ) &&
      grant.to.some(
        (to) => to.group === '' && to.kind === 'Service' && (to.name === undefined || to.name === target.name),
      ),
  );
}
