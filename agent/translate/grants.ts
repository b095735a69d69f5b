import type { ObjectName } from '../../routing/model.ts';
import { isService } from '../objects/coreGroup.ts';
import type { BuiltRoute } from '../objects/types.ts';
import type { Lookup } from './lookup.ts';

/** Whether a ReferenceGrant in the target's namespace lets routes of this kind and namespace refer to the Service. */
export function isGranted({ kind, meta }: BuiltRoute, target: ObjectName, lookup: Lookup): boolean {
  return lookup
    .grants(target.namespace, meta.namespace)
    .some(
      ({ from, to }) =>
        from.some(
          (one) => one.group === 'gateway.networking.k8s.io' && one.kind === kind && one.namespace === meta.namespace,
        ) && to.some((one) => isService(one) && (one.name ?? target.name) === target.name),
    );
}
