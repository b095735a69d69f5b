import type {
  Endpoint,
  EndpointPolicy,
  InvalidBackendReason,
  ObjectName,
  ServiceRouting,
} from '../../routing/model.ts';
import type { ParentRef, RouteKind } from '../objects/types.ts';
import type { Change } from './derived.ts';

/**
 * What is new in what follows from the objects, by key. Whoever keeps all of it, change by change, has what a
 * translation from scratch would give.
 */
export type TranslationChanges = {
  /** By destination, and the clients' namespace behind a blank if it is for those only. */
  readonly routings: readonly Change<DestinationRouting>[];
  /** By their names. */
  readonly endpoints: readonly Change<ServiceEndpoints>[];
  /** By route, `HTTPRoute shop/cart`. */
  readonly statuses: readonly Change<RouteStatus>[];
  /** `namespace/pod`, or `namespace/address` where no pod is named: of whose ports something else may be declared. */
  readonly pods: ReadonlySet<string>;
  /** Addresses that may be another pod's now; none before `holdersOf` was asked. */
  readonly peers: ReadonlySet<string>;
  /** What a user should know about an object and no condition of a route says; by object, `Service shop/cart`. */
  readonly problems: readonly Change<readonly string[]>[];
};

/** The routing of one destination, for everybody or for the clients of one namespace only. */
export type DestinationRouting = {
  /** `address:port`, the name of the resource. */
  readonly destination: string;
  /** A consumer's namespace, whose routes replace the producer's; undefined: for every other client. */
  readonly clientNamespace: string | undefined;
  readonly routing: ServiceRouting;
};

/** The endpoints of one Service port, and what says which client may use which of them: `usable.ts`. */
export type ServiceEndpoints = {
  /** `namespace/service:port`. */
  readonly name: string;
  readonly endpoints: readonly PlacedEndpoint[];
  /** By internalTrafficPolicy, only those on the client's own node. */
  readonly isLocal?: true;
  readonly sessionAffinityMs?: number;
  readonly policy?: EndpointPolicy;
};

/** An endpoint, where it runs, and of which zones' and nodes' clients it is said to be for; never empty lists. */
export type PlacedEndpoint = Endpoint & {
  readonly zone?: string;
  readonly node?: string;
  readonly zoneHints?: readonly string[];
  readonly nodeHints?: readonly string[];
};

/** What a route's status must say; `parents` is empty where no parent is ours, so that what we said before goes. */
export type RouteStatus = ObjectName & {
  readonly kind: RouteKind;
  readonly uid: string | undefined;
  readonly parents: readonly ParentStatus[];
  /** What is wrong with parentRefs that are nobody's to answer, most likely against the will of who wrote them. Left out: nothing. */
  readonly mistakes?: readonly string[];
};

/** One entry of status.parents, without what only the writer knows (controllerName, times). */
export type ParentStatus = { readonly parentRef: ParentRef; readonly conditions: readonly Condition[] };

export type AcceptedReason =
  | 'Accepted'
  | 'NoMatchingParent'
  | 'NotAllowedByListeners'
  | 'UnsupportedValue'
  | 'IncompatibleFilters'
  // A route of a kind that goes before this one stands on the same Service port: https://gateway-api.sigs.k8s.io/geps/gep-1426/
  | 'Conflicted';

export type Condition = { readonly message: string; readonly observedGeneration: number; readonly status: boolean } & (
  | { readonly type: 'Accepted'; readonly reason: AcceptedReason }
  | { readonly type: 'PartiallyInvalid'; readonly reason: 'UnsupportedValue' }
  | { readonly type: 'ResolvedRefs'; readonly reason: 'ResolvedRefs' | InvalidBackendReason }
);

type Bare<C> = C extends Condition ? Omit<C, 'observedGeneration'> : never;

/** A condition before it is known of which generation of the route it speaks. */
export type BareCondition = Bare<Condition>;
