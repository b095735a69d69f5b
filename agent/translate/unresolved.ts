import type { BackendTarget, Filter, ObjectName, Protocol, RequestMirror, Route } from '../../routing/model.ts';
import type { BackendObjectReference } from '../objects/types.ts';

/** A route of any kind as far as it follows from the route alone: its backends are not looked up yet. */
export type UnresolvedRoute = {
  /** What cannot be done: it answers 500 or does not match. */
  readonly rejections: readonly Rejection[];
  /** There are none, or some rule has none of them: the route is valid, if only in part. */
  readonly isValid: boolean;
  /** Matches that were dropped, in words. */
  readonly dropped: readonly string[];
  readonly resolve: (lookUp: LookUpBackend) => Route;
};

export type Rejection = {
  readonly reason: 'UnsupportedValue' | 'IncompatibleFilters';
  /** Which rule it is about, `0 (name), match 1`; undefined: all of them. */
  readonly rule: string | undefined;
  readonly message: string;
};

/** A rejection for people. */
export function printRejection({ rule, message }: Rejection): string {
  return rule === undefined ? message : `rule ${rule}: ${message}`;
}

/** What a backendRef of the route names, and where that leads to. */
export type LookUpBackend = (ref: BackendObjectReference) => ResolvedBackend;
export type ResolvedBackend = ObjectName & { readonly port: number; readonly target: BackendTarget };

/** A mirror whose backend is not looked up yet. */
export type UnresolvedMirror = Pick<RequestMirror, 'type' | 'fraction'> & { readonly ref: BackendObjectReference };
export type UnresolvedFilter = Exclude<Filter, RequestMirror> | UnresolvedMirror;

/** What routes of a kind cannot do with a port, by its protocol: words that follow the name of the port. */
export type PortLimits = {
  /** Why its requests are not routed. */
  readonly asParent: Readonly<Record<Protocol, string | undefined>>;
  /** Why a route for all ports leaves it out where there are others. */
  readonly unlessNamed: Readonly<Partial<Record<Protocol, string>>>;
  /** Why a route for all ports leaves out one whose number is opaque by default. */
  readonly opaqueByDefault: string;
  /** Why requests cannot be sent to it. */
  readonly asBackend: Readonly<Record<Protocol, string | undefined>>;
  /** In which its endpoints are asked; undefined: as it is declared. */
  readonly asked: Protocol | undefined;
};
