import type { ParentRef, RouteObject } from '../objects/types.ts';
import { resolveBackend } from './backends.ts';
import { type ResolvedRefs, resolvedRefs } from './resolvedRefs.ts';
import type { Attachment } from './judge.ts';
import type { Lookup } from './lookup.ts';
import { orNone } from './none.ts';
import { isServiceParent, type Parent, resolveParent } from './parents.ts';
import { referredName } from './references.ts';
import { translateRoute } from './routeKinds.ts';
import type { Rejection, UnresolvedRoute } from './unresolved.ts';

/** What follows from a route before it is known which others attach to the same ports; `judge.ts` looks at that. */
export type AttachedRoute = {
  readonly object: RouteObject;
  readonly attachments: readonly Attachment[];
  readonly rejections: readonly Rejection[];
  readonly parents: readonly AttachedParent[];
  readonly problems: readonly string[];
};

/** What was found for a parentRef that is ours to answer. */
export type AttachedParent = { readonly parentRef: ParentRef; readonly parent: Parent; readonly refs: ResolvedRefs };

/** Attaches a route to the ports that its parentRefs mean, with its backends looked up; `key` names it, `HTTPRoute shop/cart`. */
export function attachRoute(key: string, object: RouteObject, lookup: Lookup): AttachedRoute {
  const unresolved = translateRoute(object);
  const parents: AttachedParent[] = [];
  const attachments = new Map<string, Attachment>();
  for (const parentRef of object.parentRefs.filter(isServiceParent)) {
    const parent = resolveParent(object, parentRef, lookup);
    const context = { route: object, parent: referredName(object, parentRef), lookup };
    const route = unresolved.resolve((ref, filters) => resolveBackend(ref, filters, context));
    parents.push({ parentRef, parent, refs: resolvedRefs(route.rules.flatMap(({ backends }) => backends)) });
    if (!parent.ok) continue;
    const clientNamespace = object.meta.namespace === parent.namespace ? undefined : object.meta.namespace;
    for (const port of parent.ports) attachments.set(port, { port, clientNamespace, kind: object.kind, key, route });
  }
  const rejections = orNone(unresolved.rejections);
  const problems = findProblems(object, unresolved, parents);
  return { object, attachments: [...attachments.values()], rejections, parents, problems };
}

function findProblems(
  object: RouteObject,
  { dropped }: UnresolvedRoute,
  parents: readonly AttachedParent[],
): readonly string[] {
  const forgotten = object.parentRefs.filter((ref) => ref.kind === 'Service' && !isServiceParent(ref));
  return orNone([
    ...forgotten.map(() => forgottenGroup),
    ...parents.flatMap(({ parent }) => (parent.ok ? parent.notes : [])),
    ...(parents.length > 0 ? dropped.map((match) => `${match}; it never matches`) : []),
  ]);
}

const forgottenGroup = 'a parentRef has kind: Service without group; write group: "", or it means another kind';
