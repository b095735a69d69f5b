import { targetsOf } from '../../routing/targets.ts';
import { isService } from '../objects/coreGroup.ts';
import { isUnbuilt, type ParentRef, type RouteObject } from '../objects/types.ts';
import { resolveBackend } from './backends.ts';
import { type ResolvedRefs, resolvedRefs } from './resolvedRefs.ts';
import type { Attachment } from './judge.ts';
import type { Lookup } from './lookup.ts';
import { findMistakes } from './mistakes.ts';
import { orNone } from './none.ts';
import { type Parent, resolveParent } from './parents.ts';
import { referredName } from './references.ts';
import { translateRoute } from './routeKinds.ts';
import { refuseUnbuilt } from './unbuilt.ts';
import type { Rejection, UnresolvedRoute } from './unresolved.ts';

/** What follows from a route before it is known which others attach to the same ports; `judge.ts` looks at that. */
export type AttachedRoute = {
  readonly object: RouteObject;
  readonly attachments: readonly Attachment[];
  readonly rejections: readonly Rejection[];
  readonly isValid: boolean;
  readonly parents: readonly AttachedParent[];
  readonly problems: readonly string[];
  /** Those problems that are about parentRefs which are not ours to answer. */
  readonly mistakes: readonly string[];
};

/** What was found for a parentRef that is ours to answer; `refs` is left out where nobody looked at backends. */
export type AttachedParent = { readonly parentRef: ParentRef; readonly parent: Parent; readonly refs?: ResolvedRefs };

/** Attaches a route to the ports that its parentRefs mean, with its backends looked up; `key` names it, `HTTPRoute shop/cart`. */
export function attachRoute(key: string, object: RouteObject, lookup: Lookup): AttachedRoute {
  const mistakes = findMistakes(object.parentRefs);
  if (isUnbuilt(object)) {
    const refused = object.parentRefs.filter(isService);
    const parents = refused.map((parentRef) => ({ parentRef, parent: refuseUnbuilt(object, parentRef) }));
    return { object, attachments: [], rejections: [], isValid: false, parents, problems: mistakes, mistakes };
  }
  const unresolved = translateRoute(object);
  const { isValid } = unresolved;
  const parents: AttachedParent[] = [];
  const attachments = new Map<string, Attachment>();
  for (const parentRef of object.parentRefs.filter(isService)) {
    const parent = resolveParent(object, parentRef, lookup);
    const context = { route: object, parent: referredName(object, parentRef), lookup };
    const route = unresolved.resolve((ref) => resolveBackend(ref, context));
    parents.push({ parentRef, parent, refs: resolvedRefs(route.rules.flatMap(targetsOf)) });
    if (!parent.ok) continue;
    const clientNamespace = object.meta.namespace === parent.namespace ? undefined : object.meta.namespace;
    for (const port of parent.ports)
      attachments.set(port, { port, clientNamespace, kind: object.kind, key, route, isValid });
  }
  const rejections = orNone(unresolved.rejections);
  const problems = orNone([...mistakes, ...findProblems(unresolved, parents)]);
  return { object, attachments: [...attachments.values()], rejections, isValid, parents, problems, mistakes };
}

function findProblems({ dropped }: UnresolvedRoute, parents: readonly AttachedParent[]): readonly string[] {
  return [
    ...parents.flatMap(({ parent }) => (parent.ok ? parent.notes : [])),
    ...(parents.length > 0 ? dropped.map((match) => `${match}; it never matches`) : []),
  ];
}
