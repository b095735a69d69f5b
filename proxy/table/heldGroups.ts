import { destinationName, type Endpoints } from '../../routing/model.ts';
import { EndpointGroup, type EndpointSource } from '../balance/group.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import type { Destination } from './destination.ts';

type Held = {
  readonly group: EndpointGroup<UpstreamEndpoint>;
  /** Routings that refer to it. */
  users: number;
  /** What came first could not be used. */
  isRefused: boolean;
  /** What hears once it is known. */
  readonly waiting: Set<Destination>;
};

/** Tells the agent whose endpoints are wanted. */
export type GroupInterest = { want(name: string): void; drop(name: string): void };

/** The endpoint groups that routings refer to, each subscribed to for as long as one does. Nothing here walks over all of them. */
export class HeldGroups {
  private readonly held = new Map<string, Held>();
  private readonly interest: GroupInterest;
  private readonly source: EndpointSource<UpstreamEndpoint>;

  constructor(interest: GroupInterest, source: EndpointSource<UpstreamEndpoint>) {
    this.interest = interest;
    this.source = source;
  }

  /** One more routing refers to these; every call is followed by one of `letGo` with the same names. */
  hold(names: readonly string[]): void {
    for (const name of names) {
      const found = this.held.get(name);
      if (found !== undefined) {
        found.users++;
        continue;
      }
      this.held.set(name, {
        group: new EndpointGroup(name, this.source),
        users: 1,
        isRefused: false,
        waiting: new Set(),
      });
      this.interest.want(name);
    }
  }

  letGo(names: readonly string[]): void {
    for (const name of names) {
      const found = this.held.get(name);
      if (found === undefined || --found.users > 0) continue;
      this.held.delete(name);
      found.group.close();
      this.interest.drop(name);
    }
  }

  /** The group of this name: one without endpoints where it is not held. */
  get(name: string): EndpointGroup<UpstreamEndpoint> {
    return this.held.get(name)?.group ?? new EndpointGroup(name, this.source);
  }

  /**
   * Whether a routing with these may be taken over: all are known. With no earlier routing to keep, those that were
   * refused are not waited for either: their requests fail, which is better than that all pass the routes by. If not,
   * `destination` is among those that `apply` and `refuse` give back once the next one is known.
   */
  areReady(names: readonly string[], destination: Destination): boolean {
    const isFirst = destination.compiled === undefined;
    const missing = names
      .map((name) => this.held.get(name))
      .find((held) => held?.group.known !== true && !(isFirst && held?.isRefused === true));
    missing?.waiting.add(destination);
    return missing === undefined;
  }

  /** Takes over endpoints; returns which destinations have waited for them. */
  apply(endpoints: Endpoints): readonly Destination[] {
    const found = this.held.get(endpoints.name);
    if (found === undefined) return [];
    found.group.update(endpoints);
    const waited = [...found.waiting];
    found.waiting.clear();
    return waited;
  }

  /** What came cannot be used: what was known stays. Returns which destinations wait for these endpoints. */
  refuse(name: string): readonly Destination[] {
    const found = this.held.get(name);
    if (found === undefined) return [];
    found.isRefused = true;
    return [...found.waiting];
  }

  get size(): number {
    return this.held.size;
  }

  /** For people: everything as JSON. */
  describe(): unknown {
    return [...this.held.values()].map(({ group: { name, known, members, leftOut } }) => {
      const left = leftOut.map(({ endpoint: { address, port } }) => destinationName(address, port));
      return { name, known, endpoints: members, leftOut: left };
    });
  }
}
