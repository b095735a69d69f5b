import { isCoreGroup, isService } from '../objects/coreGroup.ts';
import { gatewayGroup, type ParentRef } from '../objects/types.ts';
import { orNone } from './none.ts';

/** What is wrong with parentRefs that mean no Service, though they look as if they were to; each once. */
export function findMistakes(parentRefs: readonly ParentRef[]): readonly string[] {
  return orNone([...new Set(parentRefs.map(findMistake).filter((mistake) => mistake !== undefined))]);
}

function findMistake(ref: ParentRef): string | undefined {
  if (isService(ref)) return undefined;
  if (isCoreGroup(ref))
    return `a parentRef has kind: ${ref.kind} in the group of Services; write kind: Service, or the group of that kind`;
  // Other groups are those of other implementations.
  if (ref.kind !== 'Service' || ref.group !== gatewayGroup) return undefined;
  return 'a parentRef has kind: Service without group; write group: "", or it means another kind';
}
