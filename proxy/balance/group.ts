import type { Endpoint, Endpoints } from '../../routing/model.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';

/** Gives the one UpstreamEndpoint of an address and port, however many groups it is in; see upstream/registry.ts. */
export type EndpointSource = {
  acquire(endpoint: Endpoint): UpstreamEndpoint;
  release(endpoint: UpstreamEndpoint): void;
};

/**
 * The endpoints of one backend, as the balancer sees them. Ready ones are used; without any, those that still serve while
 * they terminate (KEP-1669), as kube-proxy does.
 */
export class EndpointGroup {
  /** False until the agent has sent it once. */
  known = false;
  members: readonly Endpoint[] = [];
  private held: UpstreamEndpoint[] = [];
  private ipv4: readonly UpstreamEndpoint[] = [];
  private ipv6: readonly UpstreamEndpoint[] = [];
  readonly name: string;
  private readonly source: EndpointSource;

  constructor(name: string, source: EndpointSource) {
    this.name = name;
    this.source = source;
  }

  /** Takes over a new list. Endpoints that stay keep their connections and latency; others are let go. */
  update(endpoints: Endpoints): void {
    this.known = true;
    this.members = endpoints.endpoints;
    const ready = this.members.filter((endpoint) => endpoint.ready);
    const usable =
      ready.length > 0 ? ready : this.members.filter((endpoint) => endpoint.serving && endpoint.terminating);
    const before = this.held;
    this.held = usable.map((endpoint) => this.source.acquire(endpoint));
    for (const endpoint of before) this.source.release(endpoint);
    this.ipv4 = this.held.filter((held) => !held.endpoint.address.includes(':'));
    this.ipv6 = this.held.filter((held) => held.endpoint.address.includes(':'));
  }

  /** The endpoints to choose from for a client that spoke to an address of this family; else those of the other one. */
  candidates(family: 4 | 6): readonly UpstreamEndpoint[] {
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
