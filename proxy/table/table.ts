import type { Endpoints, ServiceRouting } from '../../routing/model.ts';
import { EndpointGroup, type EndpointSource } from '../balance/group.ts';
import type { HttpMetrics } from '../observe/httpMetrics.ts';
import { type CompiledRouting, compileRouting } from '../route/compile.ts';
import { clock } from '../socket/clock.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import { Destination } from './destination.ts';

/** Tells the agent what is wanted. */
export type Interest = {
  readonly routing: { want(name: string): void; drop(name: string): void };
  readonly endpoints: { want(name: string): void; drop(name: string): void };
};

// A destination that no connection has used for this long is forgotten.
const forgetAfterMs = 600_000;
// More are not subscribed to at a time (an agent allows 20,000 on one stream): a pod that calls more addresses than this
// is scanning a network, and what it scans passes through.
const maxDestinations = 10_000;

/**
 * What this sidecar knows: the routing of every destination that its pod has used, and the endpoints of their backends.
 * A wrong update changes nothing; a good one is swapped in whole.
 */
export class RoutingTable {
  private readonly destinations = new Map<string, Destination>();
  private readonly groups = new Map<string, EndpointGroup<UpstreamEndpoint>>();
  /** Group names that each compiled routing refers to. */
  private readonly references = new WeakMap<CompiledRouting, readonly string[]>();
  private readonly interest: Interest;
  private readonly endpoints: EndpointSource<UpstreamEndpoint>;
  private readonly metrics: Pick<HttpMetrics, 'route'>;

  constructor(parts: {
    interest: Interest;
    endpoints: EndpointSource<UpstreamEndpoint>;
    metrics: Pick<HttpMetrics, 'route'>;
  }) {
    this.interest = parts.interest;
    this.endpoints = parts.endpoints;
    this.metrics = parts.metrics;
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
    destination.lastUsedMs = clock.ms;
    return destination;
  }

  /** Forgets the first destination that is no Service port and that nobody uses; false when there is none. */
  private makeRoom(): boolean {
    for (const [name, destination] of this.destinations) {
      if (destination.users > 0 || destination.state === 'known') continue;
      this.destinations.delete(name);
      this.interest.routing.drop(name);
      return true;
    }
    return false;
  }

  /** Takes over a routing once the endpoints of all its backends are there. Returns what is wrong with it, if anything. */
  applyRouting(name: string, routing: ServiceRouting, revision: string): string | undefined {
    const destination = this.destinations.get(name);
    if (destination === undefined) return undefined;
    const result = compileRouting(routing, { revision, metrics: this.metrics, group: (group) => this.groupOf(group) });
    if (!result.ok) {
      this.forgetUnreferenced();
      return result.message;
    }
    const names = endpointsOf(routing);
    this.references.set(result.compiled, names);
    for (const group of names) this.groupOf(group);
    destination.staged = result.compiled;
    this.promote(destination);
    this.forgetUnreferenced();
    return undefined;
  }

  /** The routing that came cannot be used; with no earlier one to keep, connections need not wait for another. */
  rejectRouting(name: string): void {
    const destination = this.destinations.get(name);
    if (destination?.state === 'pending') destination.settle('unknown', undefined);
  }

  /** The agent does not know this destination, or no longer. */
  removeRouting(name: string): void {
    this.destinations.get(name)?.settle('unknown', undefined);
    this.forgetUnreferenced();
  }

  applyEndpoints(endpoints: Endpoints): void {
    const group = this.groups.get(endpoints.name);
    if (group === undefined) return;
    const first = !group.known;
    group.update(endpoints);
    if (first) for (const destination of this.destinations.values()) this.promote(destination);
  }

  /** Forgets destinations that are no longer used; call it now and then. */
  sweep(): void {
    for (const [name, destination] of this.destinations) {
      if (destination.users > 0 || clock.ms - destination.lastUsedMs < forgetAfterMs) continue;
      this.destinations.delete(name);
      this.interest.routing.drop(name);
    }
    this.forgetUnreferenced();
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
      endpoints: [...this.groups.values()].map(({ name, known, members }) => ({ name, known, endpoints: members })),
    };
  }

  private promote(destination: Destination): void {
    const { staged } = destination;
    if (staged === undefined) return;
    const names = this.references.get(staged) ?? [];
    if (names.some((name) => this.groups.get(name)?.known !== true)) return;
    destination.settle('known', staged);
    this.forgetUnreferenced();
  }

  private groupOf(name: string): EndpointGroup<UpstreamEndpoint> {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = new EndpointGroup(name, this.endpoints);
      this.groups.set(name, group);
      this.interest.endpoints.want(name);
    }
    return group;
  }

  private forgetUnreferenced(): void {
    const referenced = new Set<string>();
    for (const { compiled, staged } of this.destinations.values()) {
      for (const routing of [compiled, staged]) {
        if (routing !== undefined) for (const name of this.references.get(routing) ?? []) referenced.add(name);
      }
    }
    for (const [name, group] of this.groups) {
      if (referenced.has(name)) continue;
      this.groups.delete(name);
      group.close();
      this.interest.endpoints.drop(name);
    }
  }
}

/** Names of the endpoints that requests to this Service port may need. */
function endpointsOf(routing: ServiceRouting): readonly string[] {
  const names = new Set([routing.endpoints]);
  for (const { rules } of routing.routes) {
    for (const { target } of rules.flatMap((rule) => rule.backends)) {
      if (target.type === 'Endpoints') names.add(target.endpoints);
    }
  }
  return [...names];
}
