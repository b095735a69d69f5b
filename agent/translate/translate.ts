import { routeKinds, type RouteObject } from '../objects/types.ts';
import { type AttachedRoute, attachRoute } from './attach.ts';
import { changedParts } from './changes.ts';
import type { Inbound } from '../../routing/model.ts';
import { type Holder, SlicesByAddress } from './peers.ts';
import { type PodPlace, podKeys, translateInbound } from './inbound.ts';
import { type Change, Derived } from './derived.ts';
import { translateEndpoints } from './endpoints.ts';
import { Groups } from './groups.ts';
import type { ChangedInput, TranslationInput } from './input.ts';
import type { Attachment } from './judge.ts';
import { lookInto, serviceFact } from './lookup.ts';
import { routedPorts, type TranslatedPort, translatePort } from './ports.ts';
import { RelatedObjects } from './related.ts';
import type { DestinationRouting, RouteStatus, ServiceEndpoints, TranslationChanges } from './result.ts';
import { type PortOutcome, translateStatus } from './routeStatus.ts';
import { findServiceProblems } from './serviceProblems.ts';

/**
 * The translation from objects to routing, endpoints and statuses, which looks again only at what a change concerns.
 * What it has told of so far follows from the objects alone, whatever the order of events. It never throws: bad input
 * becomes a problem, a condition and a backend that answers 500.
 */
export class Translation {
  #objects: TranslationInput | undefined;
  readonly #related = new RelatedObjects();
  readonly #byAddress = new SlicesByAddress();
  readonly #attachments = new Groups<Attachment>();

  // In the order in which one follows from the other.
  readonly #routes = new Derived<AttachedRoute>((key, read) => {
    const route = this.#findRoute(key);
    return route && attachRoute(key, route, lookInto(this.#objects, this.#related.grants, read));
  });
  readonly #ports = new Derived<TranslatedPort>((key, read) => {
    const name = key.slice(0, key.lastIndexOf(':'));
    const service = lookInto(this.#objects, this.#related.grants, read).service(name);
    const isOwner = this.#related.addresses.twinOf(name) === undefined;
    return service && translatePort(key, { service, isOwner, attachments: this.#attachments.itemsOf(key) });
  });
  readonly #statuses = new Derived<RouteStatus>((key) => {
    const route = this.#routes.get(key);
    return route && translateStatus(route, (port) => this.#outcomeAt(port, key));
  });
  readonly #routeProblems = new Derived<readonly string[]>((key) => {
    const route = this.#routes.get(key);
    const shadowed = route?.attachments.flatMap(({ port }) => this.#outcomeAt(port, key).shadowed) ?? [];
    return shadowed.length === 0 ? route?.problems : [...(route?.problems ?? []), ...shadowed];
  });
  readonly #endpoints = new Derived<readonly ServiceEndpoints[]>((name) => {
    const service = this.#objects?.Service.get(name);
    return service && translateEndpoints(service, this.#related.slices.itemsOf(name));
  });
  readonly #serviceProblems = new Derived<readonly string[]>((name) => {
    const service = this.#objects?.Service.get(name);
    return service && findServiceProblems(service, this.#related.addresses.twinOf(name));
  });

  /** Takes the objects as they are now, of which these changed; returns what is new. */
  update(objects: TranslationInput, changed: ChangedInput): TranslationChanges {
    this.#objects = objects;
    const pods = this.#mark(objects, changed);
    const peers = this.#byAddress.update(objects.EndpointSlice, changed.EndpointSlice);
    this.#attach();
    const ports = this.#judge();
    return {
      routings: changedParts(ports, ({ routings }) => routings, printDestination),
      endpoints: changedParts(
        this.#endpoints.settle(),
        (list) => list,
        ({ name }) => name,
      ),
      statuses: this.#statuses.settle(),
      pods,
      peers,
      problems: [...this.#routeProblems.settle(), ...this.#serviceProblems.settle().map(problemsOfService)],
    };
  }

  /** What is declared of a pod's ports: found when it is asked for, since an agent serves the pods of one node. */
  inboundOf(place: PodPlace): Inbound {
    const { slicesOfPods } = this.#related;
    const slices = new Set(podKeys(place).flatMap((key) => slicesOfPods.itemsOf(key)));
    return translateInbound(place, slices, (name) => this.#objects?.Service.get(name));
  }

  /** Whose an address is, by the EndpointSlices in which it stands. */
  holdersOf(address: string): readonly Holder[] {
    return this.#objects === undefined ? [] : this.#byAddress.holdersOf(address, this.#objects.EndpointSlice);
  }

  /** Has computed again what is to be, except what follows from others of that; returns whose `inboundOf` may differ. */
  #mark(objects: TranslationInput, changed: ChangedInput): TranslationChanges['pods'] {
    const { slices, addresses, grants, pods } = this.#related.update(objects, changed);
    for (const kind of routeKinds) for (const name of changed[kind]) this.#routes.mark(`${kind} ${name}`);
    for (const fact of grants) this.#routes.touch(fact);
    for (const name of slices) this.#endpoints.mark(name);
    for (const name of changed.Service) {
      this.#routes.touch(serviceFact(name));
      this.#endpoints.mark(name);
      const service = objects.Service.get(name);
      const ports = service === undefined ? [] : routedPorts(service);
      for (const { port } of ports) this.#ports.mark(`${name}:${port}`);
    }
    for (const name of [...changed.Service, ...addresses]) {
      this.#ports.touch(serviceFact(name));
      this.#serviceProblems.mark(name);
    }
    return pods;
  }

  /** The first pass: where each route attaches, and with what backends. */
  #attach(): void {
    for (const { key, before, after } of this.#routes.settle()) {
      this.#markOutcome(key);
      for (const { port } of before?.attachments ?? []) {
        this.#attachments.remove(`${port} ${key}`);
        this.#ports.mark(port);
      }
      for (const attachment of after?.attachments ?? []) {
        this.#attachments.place(`${attachment.port} ${key}`, attachment, [attachment.port]);
        this.#ports.mark(attachment.port);
      }
    }
  }

  /** The second pass: which of all the routes at a port serve there. Only then can their statuses be told. */
  #judge(): readonly Change<TranslatedPort>[] {
    const changes = this.#ports.settle();
    for (const { before, after } of changes) {
      for (const port of [before, after])
        for (const outcomes of [port?.refused, port?.displacing, port?.shadowed])
          for (const key of outcomes?.keys() ?? []) this.#markOutcome(key);
    }
    return changes;
  }

  /** What is told of a route, which follows from it and from the ports that it attaches to. */
  #markOutcome(key: string): void {
    this.#statuses.mark(key);
    this.#routeProblems.mark(key);
  }

  #outcomeAt(port: string, key: string): PortOutcome {
    const judged = this.#ports.get(port);
    return {
      refusal: judged?.refused.get(key),
      displacing: judged?.displacing.get(key) ?? [],
      shadowed: judged?.shadowed.get(key) ?? [],
    };
  }

  #findRoute(key: string): RouteObject | undefined {
    for (const kind of routeKinds)
      if (key.startsWith(`${kind} `)) return this.#objects?.[kind].get(key.slice(kind.length + 1));
    return undefined;
  }
}

function printDestination({ destination, clientNamespace }: DestinationRouting): string {
  return clientNamespace === undefined ? destination : `${destination} ${clientNamespace}`;
}

function problemsOfService({ key, before, after }: Change<readonly string[]>): Change<readonly string[]> {
  return { key: `Service ${key}`, before, after };
}
