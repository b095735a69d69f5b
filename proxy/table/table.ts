import type { Endpoints, ServiceRouting } from '../../routing/model.ts';
import { endpointsOf } from '../../routing/targets.ts';
import type { EndpointSource } from '../balance/group.ts';
import type { HttpMetrics } from '../observe/httpMetrics.ts';
import { type CompiledRouting, compileRouting } from '../route/compile.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import { Destination } from './destination.ts';
import { type GroupInterest, HeldGroups } from './heldGroups.ts';

/** Tells the agent what is wanted. */
export type Interest = {
  readonly routing: { want(name: string): void; drop(name: string): void };
  readonly endpoints: GroupInterest;
};

// A destination that no connection has used for this long is forgotten.
const forgetAfterMs = 600_000;
// More are not subscribed to at a time (an agent allows 40,000 names on one stream, endpoints included): a pod that calls more addresses than this
// is scanning a network, and what it scans passes through.
const maxDestinations = 10_000;

/**
 * What this sidecar knows: the routing of every destination that its pod has used, and the endpoints of their backends.
 * A wrong update changes nothing; a good one is swapped in whole.
 */
export class RoutingTable {
  private readonly destinations = new Map<string, Destination>();
  /** Group names that each compiled routing refers to; held for as long as a destination has it. */
  private readonly references = new WeakMap<CompiledRouting, readonly string[]>();
  private readonly groups: HeldGroups;
  private readonly interest: Interest;
  private readonly metrics: Pick<HttpMetrics, 'route' | 'mirror' | 'retries'>;
  private readonly agentConnected: () => boolean;

  constructor(parts: {
    interest: Interest;
    endpoints: EndpointSource<UpstreamEndpoint>;
    metrics: Pick<HttpMetrics, 'route' | 'mirror' | 'retries'>;
    /** Whether the agent answers: what is forgotten while it does not cannot be had again. */
    agentConnected: () => boolean;
  }) {
    this.interest = parts.interest;
    this.groups = new HeldGroups(parts.interest.endpoints, parts.endpoints);
    this.metrics = parts.metrics;
    this.agentConnected = parts.agentConnected;
  }

  /** The destination of this name, subscribed to on its first use; with too many others in use, one that stays unknown. */
  lookup(name: string): Destination {
    let destination = this.destinations.get(name);
    if (destination === undefined) {
      destination = new Destination(name);
      if (this.destinations.size >= maxDestinations && !this.makeRoom()) {
        destination.settle('unknown', undefined);
        return destination;
      }
      this.destinations.set(name, destination);
      this.interest.routing.want(name);
    }
    destination.touch();
    return destination;
  }

  /** Forgets the first destination that is no Service port and that nobody uses; false when there is none. */
  private makeRoom(): boolean {
    for (const destination of this.destinations.values()) {
      if (destination.users > 0 || destination.state === 'known') continue;
      this.forget(destination);
      return true;
    }
    return false;
  }

  /** Takes over a routing once the endpoints of all its backends are there. Returns what is wrong with it, if anything. */
  applyRouting(name: string, routing: ServiceRouting, revision: string): string | undefined {
    const destination = this.destinations.get(name);
    if (destination === undefined) return undefined;
    const names = endpointsOf(routing);
    this.groups.hold(names);
    const result = compileRouting(routing, { revision, metrics: this.metrics, group: (one) => this.groups.get(one) });
    if (!result.ok) {
      this.groups.letGo(names);
      return result.message;
    }
    this.references.set(result.compiled, names);
    const { staged } = destination;
    destination.staged = result.compiled;
    this.letGo(staged);
    this.promote(destination);
    return undefined;
  }

  /** The routing that came cannot be used; with no earlier good one, connections need not wait for another. */
  rejectRouting(name: string): void {
    const destination = this.destinations.get(name);
    if (destination?.state === 'pending' && destination.staged === undefined) destination.settle('unknown', undefined);
  }

  /** The agent does not know this destination, or no longer. */
  removeRouting(name: string): void {
    const destination = this.destinations.get(name);
    if (destination === undefined) return;
    const { compiled, staged } = destination;
    destination.settle('unknown', undefined);
    this.letGo(compiled);
    this.letGo(staged);
  }

  applyEndpoints(endpoints: Endpoints): void {
    for (const destination of this.groups.apply(endpoints)) this.promote(destination);
  }

  /** The endpoints that came cannot be used: connections to a new destination need not wait for others. */
  rejectEndpoints(name: string): void {
    for (const destination of this.groups.refuse(name)) this.promote(destination);
  }

  /** Forgets destinations that are no longer used; call it now and then. */
  sweep(): void {
    if (!this.agentConnected()) return;
    for (const destination of this.destinations.values())
      if (destination.isUnused(forgetAfterMs)) this.forget(destination);
  }

  /** How many destinations and endpoint groups are held. */
  get size(): { readonly destinations: number; readonly groups: number } {
    return { destinations: this.destinations.size, groups: this.groups.size };
  }

  /** For people: everything as JSON. */
  describe(): unknown {
    return {
      destinations: [...this.destinations.values()].map(({ name, state, users, compiled }) => {
        const { revision, routing } = compiled ?? {};
        return { destination: name, state, connections: users, revision, routing };
      }),
      endpoints: this.groups.describe(),
    };
  }

  private promote(destination: Destination): void {
    const { compiled, staged } = destination;
    if (staged === undefined || !this.groups.areReady(this.references.get(staged) ?? [], destination)) return;
    destination.settle('known', staged);
    this.letGo(compiled);
  }

  private forget(destination: Destination): void {
    this.destinations.delete(destination.name);
    this.interest.routing.drop(destination.name);
    this.letGo(destination.compiled);
    this.letGo(destination.staged);
    destination.staged = undefined;
  }

  private letGo(routing: CompiledRouting | undefined): void {
    if (routing !== undefined) this.groups.letGo(this.references.get(routing) ?? []);
  }
}
