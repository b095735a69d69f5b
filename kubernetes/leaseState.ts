/** Who holds a Lease and how fresh that is: the decisions of client-go's leader election, without clock and network. */

/** `leaseDurationMs` > `renewDeadlineMs` > `retryMs`: what lies between the first two keeps two holders apart. */
export type LeaseTiming = {
  /** So long after they last saw it renewed, others may take the Lease. Whole seconds. */
  readonly leaseDurationMs: number;
  /** So long after its last successful renewal was sent, a holder stops. */
  readonly renewDeadlineMs: number;
  /** Pause between two tries to take or to renew. */
  readonly retryMs: number;
};

/** What a coordination.k8s.io/v1 Lease says. `holder` is empty when it was released. */
export type LeaseRecord = {
  readonly resourceVersion: string;
  readonly holder: string;
  readonly durationMs: number | undefined;
  readonly acquireTime: string | undefined;
  /** Only ever compared with itself: it comes from another machine's clock. */
  readonly renewTime: string | undefined;
  readonly transitions: number;
};

/** All times are milliseconds on our own monotonic clock. */
export type LeaseState = {
  /** The Lease as it was last seen; undefined when there is none. */
  readonly seen: LeaseRecord | undefined;
  /** When it was first seen as it is. */
  readonly seenAtMs: number;
  /** When our last successful renewal was sent. */
  readonly renewedAtMs: number | undefined;
};

export type LeaseAction =
  | { readonly type: 'create' }
  | { readonly type: 'update'; readonly from: LeaseRecord }
  | { readonly type: 'wait'; readonly ms: number };

export const unknownLease: LeaseState = { seen: undefined, seenAtMs: 0, renewedAtMs: undefined };

/** The state after the API server said what the Lease is; `nowMs` is when the answer was there. */
export function seeLease(state: LeaseState, lease: LeaseRecord | undefined, nowMs: number): LeaseState {
  const renewed = state.seen === undefined || lease === undefined || !isSameHold(state.seen, lease);
  return { ...state, seen: lease, seenAtMs: renewed ? nowMs : state.seenAtMs };
}

/** The state after our own create or update succeeded; `sentAtMs` is when it was sent, which is the earlier end. */
export function renewLease(lease: LeaseRecord, sentAtMs: number): LeaseState {
  return { seen: lease, seenAtMs: sentAtMs, renewedAtMs: sentAtMs };
}

/** What to do about a Lease that was just read. */
export function decideLease(state: LeaseState, context: LeaseContext): LeaseAction {
  const { seen } = state;
  if (seen === undefined) return { type: 'create' };
  if (seen.holder === '' || seen.holder === context.identity) return { type: 'update', from: seen };
  const leftMs = state.seenAtMs + (seen.durationMs ?? context.timing.leaseDurationMs) - context.nowMs;
  return leftMs <= 0 ? { type: 'update', from: seen } : { type: 'wait', ms: Math.min(leftMs, context.timing.retryMs) };
}

export type LeaseContext = { readonly identity: string; readonly timing: LeaseTiming; readonly nowMs: number };

/** Whether we hold the Lease and nobody else can have taken it. */
export function isHeld(state: LeaseState, context: LeaseContext): boolean {
  return heldUntilMs(state, context) > context.nowMs;
}

/** When we must stop unless a renewal succeeds; 0 when we do not hold the Lease. */
export function heldUntilMs(state: LeaseState, { identity, timing }: Omit<LeaseContext, 'nowMs'>): number {
  if (state.renewedAtMs === undefined || state.seen?.holder !== identity) return 0;
  return state.renewedAtMs + timing.renewDeadlineMs;
}

/** Whether nothing happened between two looks at a Lease; labels and annotations are nobody's renewal. */
function isSameHold(one: LeaseRecord, other: LeaseRecord): boolean {
  return (
    one.holder === other.holder &&
    one.renewTime === other.renewTime &&
    one.acquireTime === other.acquireTime &&
    one.durationMs === other.durationMs &&
    one.transitions === other.transitions
  );
}
