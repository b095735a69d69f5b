import type { Endpoints, InvalidBackendReason, ObjectName, ServiceRouting } from '../../routing/model.ts';
import type { ParentRef } from '../objects/types.ts';

/** All that follows from the objects; every list is sorted, so that equal objects give equal results. */
export type Translation = {
  readonly routings: readonly DestinationRouting[];
  readonly endpoints: readonly Endpoints[];
  readonly statuses: readonly RouteStatus[];
  readonly problems: readonly Problem[];
};

/** The routing of one destination, for everybody or for the clients of one namespace only. */
export type DestinationRouting = {
  /** `address:port`, the name of the resource. */
  readonly destination: string;
  /** A consumer's namespace, whose routes replace the producer's; undefined: for every other client. */
  readonly clientNamespace: string | undefined;
  readonly routing: ServiceRouting;
};

/** What a route's status must say; `parents` is empty where no parent is ours, so that what we said before goes. */
export type RouteStatus = ObjectName & {
  readonly kind: 'HTTPRoute';
  readonly uid: string | undefined;
  readonly parents: readonly ParentStatus[];
};

/** One entry of status.parents, without what only the writer knows (controllerName, times). */
export type ParentStatus = { readonly parentRef: ParentRef; readonly conditions: readonly Condition[] };

export type AcceptedReason =
  | 'Accepted'
  | 'NoMatchingParent'
  | 'NotAllowedByListeners'
  | 'UnsupportedValue'
  | 'IncompatibleFilters'
  // A route of a kind that goes before HTTPRoute stands on the same Service port: https://gateway-api.sigs.k8s.io/geps/gep-1426/
  | 'Conflicted';

export type Condition = { readonly message: string; readonly observedGeneration: number; readonly status: boolean } & (
  | { readonly type: 'Accepted'; readonly reason: AcceptedReason }
  | { readonly type: 'ResolvedRefs'; readonly reason: 'ResolvedRefs' | InvalidBackendReason }
);

/** Something that a user should know and that no condition of a route says. */
export type Problem = { readonly object: string; readonly message: string };
