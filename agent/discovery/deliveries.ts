import { serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import type { Resource } from './resources.ts';
import type { Session } from './session.ts';

/**
 * How far a stream is with the routing of one address and port. `live`: it has acknowledged the present one, `tookMs` after
 * the change or its question, where this stream has sent it. `waits`: it is on its way. `rejected`: it keeps what it had.
 * `older`: the present one has something that it cannot read, so it was not sent it.
 */
export type Delivery =
  | { readonly state: 'live'; readonly tookMs?: number }
  | { readonly state: 'waits' | 'older' }
  | { readonly state: 'rejected'; readonly reason: string };

/** Each routing that a client has asked for and that there is, by `address:port`; `presentOf` finds it. */
export function deliveriesOf(
  session: Session,
  presentOf: (name: string) => Resource | undefined,
): Readonly<Record<string, Delivery>> {
  const state = session.types.get(serviceRoutingTypeUrl);
  if (state === undefined) return {};
  const { known, pending, outstanding, answers } = state;
  const waiting = new Set(outstanding?.names);
  const deliveries: [string, Delivery][] = [];
  for (const [name, version] of known) {
    const present = presentOf(name)?.content;
    if (present === undefined) continue;
    const answer = answers?.get(name);
    if (pending.has(name) || waiting.has(name)) deliveries.push([name, { state: 'waits' }]);
    else if (typeof answer === 'string') deliveries.push([name, { state: 'rejected', reason: answer }]);
    else if (version !== present.version || present.isRefusal === true) deliveries.push([name, { state: 'older' }]);
    else deliveries.push([name, { state: 'live', ...(answer !== undefined && { tookMs: answer }) }]);
  }
  return Object.fromEntries(deliveries);
}

/** What an agent knows of one stream, for people. */
export type StreamState = {
  /** Of the pod that the stream has proved to be; left out where it has not. */
  readonly namespace?: string;
  readonly pod?: string;
  readonly node?: string;
  /** Capabilities that the sidecar does not have. */
  readonly lacks: readonly string[];
  readonly routings: Readonly<Record<string, Delivery>>;
};
