import { beginningOf } from '../../runtime/beginning.ts';
import type { DeltaDiscoveryRequest } from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import { type Difference, type Known, takeDifference, type View } from './diff.ts';
import type { Resource } from './resources.ts';

/**
 * What one stream has subscribed to and been told: delta xDS without any I/O, see
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds
 */
export type Session = {
  readonly types: Map<string, TypeState>;
  responses: number;
  /** What the names and versions of all types take, estimated. */
  bytes: number;
};

type TypeState = {
  /** Every subscribed name, with what the client has of it. */
  readonly known: Known;
  /** Names of which the client brought a version from an earlier stream, and that this stream has not sent yet. */
  readonly brought: Set<string>;
  /** Names that may have news for the client. */
  readonly pending: Set<string>;
  /** The response that waits for ACK or NACK; until then no other of this type is sent. */
  outstanding: { readonly nonce: string; readonly names: readonly string[]; readonly sinceMs: number } | undefined;
  /** Since when there have been names in `pending`. */
  pendingSinceMs: number;
  /** Of routings alone: how each name was answered last. */
  readonly answers: Map<string, Answer> | undefined;
};

/**
 * After how many milliseconds from the change, or from the question, a resource was acknowledged, in whole ones, which cost
 * no memory of their own; or why it was refused: then the client keeps what it had.
 */
export type Answer = number | string;

const keptReason = 1000;

export type SessionLimits = {
  /** Subscriptions of all types. */
  readonly names: number;
  /** What they may take, with what the client says of them. */
  readonly bytes: number;
  /** Of a name, a version and the URL of a type. */
  readonly textLength: number;
  readonly types: number;
};

/** What a name takes besides its characters. */
const perNameBytes = 128;

/** What a request means for the server. `excess`: more than the limits allow, the stream is to end. */
export type Received =
  | { readonly type: 'taken' }
  | { readonly type: 'rejected'; readonly resources: readonly string[]; readonly message: string }
  | { readonly type: 'excess'; readonly message: string };

export type SessionResponse = Difference & { readonly typeUrl: string; readonly nonce: string };

export function createSession(): Session {
  return { types: new Map(), responses: 0, bytes: 0 };
}

/** Takes one request of the client. */
export function receive(session: Session, request: DeltaDiscoveryRequest, limits: SessionLimits): Received {
  let state = session.types.get(request.typeUrl);
  if (state === undefined) {
    if (session.types.size >= limits.types) return excess(`at most ${limits.types} resource types on one stream`);
    if (request.typeUrl.length > limits.textLength) return tooLong(limits);
    state = {
      known: new Map(),
      brought: new Set(),
      pending: new Set(),
      outstanding: undefined,
      pendingSinceMs: 0,
      answers: request.typeUrl === serviceRoutingTypeUrl ? new Map() : undefined,
    };
    session.types.set(request.typeUrl, state);
  }
  const answered = takeAnswer(state, request);
  const subscribed = subscribe(session, state, { request, limits });
  return subscribed.type === 'taken' ? answered : subscribed;
}

/** Looks at every subscription again: what is new is not known, or the client turned out to be somebody else. */
export function refresh(session: Session): void {
  for (const state of session.types.values()) for (const name of state.known.keys()) addPending(state, name);
}

/** Looks at the subscriptions among these names again: nothing else is new since the last time. */
export function refreshNames(session: Session, names: ReadonlySet<string>): void {
  for (const state of session.types.values()) {
    const { known } = state;
    // After a large change there are more names than one client asks for.
    if (names.size <= known.size) for (const name of names) if (known.has(name)) addPending(state, name);
    if (names.size > known.size) for (const name of known.keys()) if (names.has(name)) addPending(state, name);
  }
}

function addPending(state: TypeState, name: string): void {
  if (state.pending.size === 0) state.pendingSinceMs = performance.now();
  state.pending.add(name);
}

const none: ReadonlySet<string> = new Set();

/** What there is, as one client sees it: a `View` of each type. */
export type TypedView = {
  readonly complete: boolean;
  readonly lookup: (typeUrl: string, name: string) => Resource | undefined;
  readonly onKept: View['onKept'];
};

/**
 * The responses that may be sent now, at most one per type; names without news are not in them. From an agent that could
 * not read everything since its start, a client takes nothing for what an earlier stream gave it: that may be more.
 */
export function takeResponses(session: Session, { complete, lookup, onKept }: TypedView): readonly SessionResponse[] {
  const responses: SessionResponse[] = [];
  for (const [typeUrl, state] of session.types) {
    if (state.outstanding !== undefined || state.pending.size === 0) continue;
    const difference = takeDifference(state.known, state.pending, {
      held: complete ? none : state.brought,
      lookup: (name) => lookup(typeUrl, name),
      onKept,
    });
    if (difference === undefined) continue;
    for (const { name } of difference.resources) state.brought.delete(name);
    for (const name of difference.removed) state.brought.delete(name);
    session.responses += 1;
    const nonce = String(session.responses);
    const names = difference.resources.map(({ name }) => name);
    state.outstanding = { nonce, names, sinceMs: state.pendingSinceMs };
    responses.push({ ...difference, typeUrl, nonce });
  }
  return responses;
}

/** A NACK settles its response as an ACK does: what was rejected is sent again when it changes, not before. */
function takeAnswer(state: TypeState, request: DeltaDiscoveryRequest): Received {
  const { outstanding, answers } = state;
  if (outstanding === undefined || request.responseNonce !== outstanding.nonce) return { type: 'taken' };
  state.outstanding = undefined;
  if (answers !== undefined) {
    const answer =
      request.errorDetail === undefined
        ? Math.round(performance.now() - outstanding.sinceMs)
        : beginningOf(request.errorDetail.message, keptReason);
    for (const name of outstanding.names) answers.set(name, answer);
  }
  if (request.errorDetail === undefined) return { type: 'taken' };
  return { type: 'rejected', resources: outstanding.names, message: request.errorDetail.message };
}

type Subscription = {
  readonly request: DeltaDiscoveryRequest;
  readonly limits: SessionLimits;
};

function subscribe(session: Session, state: TypeState, { request, limits }: Subscription): Received {
  const versions = request.initialResourceVersions;
  for (const name of new Set(request.resourceNamesSubscribe)) {
    if (name.length > limits.textLength) return tooLong(limits);
    // What was sent of a name no version of an earlier stream takes back: who subscribes again has forgotten it, and gets
    // it again.
    const isNew = !state.known.has(name);
    const version = isNew && Object.hasOwn(versions, name) ? versions[name] : undefined;
    if (version !== undefined && version.length > limits.textLength) return tooLong(limits);
    if (isNew) session.bytes += costOf(name) + (version?.length ?? 0);
    state.known.set(name, version);
    if (version !== undefined) state.brought.add(name);
    addPending(state, name);
  }
  for (const name of request.resourceNamesUnsubscribe) {
    if (state.known.delete(name)) session.bytes -= costOf(name);
    state.pending.delete(name);
    state.brought.delete(name);
    state.answers?.delete(name);
  }
  const names = session.types.values().reduce((sum, { known }) => sum + known.size, 0);
  if (names > limits.names) return excess(`at most ${limits.names} subscriptions on one stream`);
  if (session.bytes > limits.bytes) return excess(`subscriptions on one stream take at most ${limits.bytes} bytes`);
  return { type: 'taken' };
}

function costOf(name: string): number {
  return perNameBytes + name.length;
}

function tooLong({ textLength }: SessionLimits): Received {
  return excess(`names, versions and types of resources have at most ${textLength} characters`);
}

function excess(message: string): Received {
  return { type: 'excess', message };
}
