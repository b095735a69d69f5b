import type { Endpoint, EndpointPolicy, Endpoints } from '../../routing/model.ts';
import { Affinity } from './affinity.ts';
import type { Outlier } from './outlier.ts';
import { RetryBudget } from './retryBudget.ts';

/** What a group holds for each of its members. */
type Held = {
  readonly endpoint: Endpoint;
  readonly outlier: Pick<Outlier, 'state'>;
  /** It is one of a group; `isFirst`: of those that are there from the start, and get their share at once. */
  joins(isFirst: boolean): void;
  /** What this group wants of it from now on; undefined: nothing, or it is no longer in it. */
  obey(group: object, policy: EndpointPolicy | undefined): void;
};

/** Gives the one that stands for an address and port, however many groups it is in; see upstream/registry.ts. */
export type EndpointSource<E extends Held> = {
  acquire(endpoint: Endpoint): E;
  release(endpoint: E): void;
  /** Counts how often any of them was ejected or let in again. */
  readonly ejections: { readonly changes: number };
  /** The group of this name leaves it out, or uses it again. */
  onLeftOut(group: string, endpoint: E, isLeftOut: boolean): void;
};

/**
 * The endpoints of one backend, as the balancer sees them. Ready ones are used; without any, those that still serve while
 * they terminate (KEP-1669), as kube-proxy does.
 */
export class EndpointGroup<E extends Held> {
  /** False until the agent has sent it once. */
  known = false;
  members: readonly Endpoint[] = [];
  /** Why there are none, as the agent says it. */
  whyNone: string | undefined;
  /** Whom the client stays with; undefined where the Service does not ask for it. */
  affinity: Affinity<E> | undefined;
  /** Bounds how often requests to it are sent again. */
  readonly budget = new RetryBudget();
  private held: E[] = [];
  private hasPolicy = false;
  private ipv4: readonly E[] = [];
  private ipv6: readonly E[] = [];
  /** Of `source.ejections.changes`: what is left out was decided then. */
  private seenChanges = 0;
  /** Those that fail again and again, and are not chosen from. */
  leftOut: readonly E[] = [];
  readonly name: string;
  private readonly source: EndpointSource<E>;

  constructor(name: string, source: EndpointSource<E>) {
    this.name = name;
    this.source = source;
  }

  /** Takes over a new list. Endpoints that stay keep their connections and latency; others are let go. */
  update(endpoints: Endpoints): void {
    this.known = true;
    this.members = endpoints.endpoints;
    this.whyNone = endpoints.whyNone;
    this.setAffinity(endpoints.sessionAffinityMs);
    const ready = this.members.filter((endpoint) => endpoint.ready);
    const usable =
      ready.length > 0 ? ready : this.members.filter((endpoint) => endpoint.serving && endpoint.terminating);
    const before = this.held;
    this.held = usable.map((endpoint) => this.source.acquire(endpoint));
    // Beside none there is nobody who could take what a new one does not.
    for (const held of this.held) held.joins(before.length === 0);
    this.setPolicy(endpoints.policy, before);
    for (const endpoint of before) this.source.release(endpoint);
    this.leaveOut();
  }

  /** Those that leave may be other groups' still. One that stays must not be without its limits for a moment. */
  private setPolicy(policy: EndpointPolicy | undefined, before: readonly E[]): void {
    const stay = new Set(policy === undefined ? [] : this.held);
    if (this.hasPolicy) for (const held of before) if (!stay.has(held)) held.obey(this, undefined);
    this.hasPolicy = policy !== undefined;
    if (policy !== undefined) for (const held of this.held) held.obey(this, policy);
  }

  private leaveOut(): void {
    this.seenChanges = this.source.ejections.changes;
    const ipv4 = sift(this.held.filter((held) => !held.endpoint.address.includes(':')));
    const ipv6 = sift(this.held.filter((held) => held.endpoint.address.includes(':')));
    this.ipv4 = ipv4.used;
    this.ipv6 = ipv6.used;
    const before = this.leftOut;
    this.leftOut = [...ipv4.leftOut, ...ipv6.leftOut];
    if (before.length > 0 || this.leftOut.length > 0) this.tellLeftOut(before);
  }

  /** Of those that are gone nothing is told. */
  private tellLeftOut(before: readonly E[]): void {
    const [was, is, held] = [new Set(before), new Set(this.leftOut), new Set(this.held)];
    for (const one of is.difference(was)) this.source.onLeftOut(this.name, one, true);
    for (const one of was.difference(is).intersection(held)) this.source.onLeftOut(this.name, one, false);
  }

  private setAffinity(timeoutMs: number | undefined): void {
    if (timeoutMs === undefined) this.affinity = undefined;
    else if (this.affinity === undefined) this.affinity = new Affinity(timeoutMs);
    else this.affinity.timeoutMs = timeoutMs;
  }

  /** The endpoints to choose from for a client that spoke to an address of this family; else those of the other one. */
  candidates(family: 4 | 6): readonly E[] {
    if (this.seenChanges !== this.source.ejections.changes) this.leaveOut();
    const { ipv4, ipv6 } = this;
    if (family === 4) return ipv4.length > 0 ? ipv4 : ipv6;
    return ipv6.length > 0 ? ipv6 : ipv4;
  }

  /** Lets every endpoint go. */
  close(): void {
    this.update({ name: this.name, endpoints: [] });
    this.known = false;
  }
}

/** Leaves out those that are ejected; none where more than half are: then it is not they who are to blame. */
function sift<E extends Held>(
  endpoints: readonly E[],
): { readonly used: readonly E[]; readonly leftOut: readonly E[] } {
  const used = endpoints.filter(({ outlier }) => outlier.state !== 'Ejected');
  if (used.length * 2 < endpoints.length) return { used: endpoints, leftOut: [] };
  return { used, leftOut: endpoints.filter(({ outlier }) => outlier.state === 'Ejected') };
}
