import type { Endpoints } from '../../routing/model.ts';
import type { EndpointSlice, HTTPRoute, ReferenceGrant, RouteObject, Service } from '../objects/types.ts';
import { endpointsName } from '../../routing/model.ts';
import { routeKinds } from '../objects/types.ts';
import { AddressOwners } from './addresses.ts';
import { type AttachedRoute, attachRoute } from './attach.ts';
import { changedParts } from './changes.ts';
import { translateStatus } from './routeStatus.ts';
import { type Change, Derived } from './derived.ts';
import { ownerOf, translateEndpoints } from './endpoints.ts';
import { Groups } from './groups.ts';
import { type Attachment, judge, type Judgement } from './judge.ts';
import { grantFacts, lookInto, serviceFact } from './lookup.ts';
import { routedPorts, translatePort } from './ports.ts';
import type { DestinationRouting, RouteStatus, TranslationChanges } from './result.ts';
import { findServiceProblems } from './serviceProblems.ts';

/** The objects that routing follows from, by `namespace/name`. */
export type TranslationInput = {
  readonly Service: ReadonlyMap<string, Service>;
  readonly EndpointSlice: ReadonlyMap<string, EndpointSlice>;
  readonly HTTPRoute: ReadonlyMap<string, HTTPRoute>;
  readonly ReferenceGrant: ReadonlyMap<string, ReferenceGrant>;
};

/** `namespace/name` of the objects that came, changed or went. */
type Changed = { readonly [K in keyof TranslationInput]: ReadonlySet<string> };

type TranslatedPort = Pick<Judgement, 'refused'> & { readonly routings: readonly DestinationRouting[] };

/**
 * The translation from objects to routing, endpoints and statuses, which looks again only at what a change concerns.
 * What it has told of so far follows from the objects alone, whatever the order of events. It never throws: bad input
 * becomes a problem, a condition and a backend that answers 500.
 */
export class Translation {
  #objects: TranslationInput = {
    Service: new Map(),
    EndpointSlice: new Map(),
    HTTPRoute: new Map(),
    ReferenceGrant: new Map(),
  };

  // What belongs together, though the objects stand apart.
  readonly #slices = new Groups<EndpointSlice>();
  readonly #grants = new Groups<ReferenceGrant>();
  readonly #attachments = new Groups<Attachment>();
  readonly #addresses = new AddressOwners();

  // What follows, in the order in which one follows from the other.
  readonly #routes = new Derived<AttachedRoute>((key, read) => {
    const route = this.#findRoute(key);
    return route && attachRoute(key, route, lookInto(this.#known(), read));
  });
  readonly #ports = new Derived<TranslatedPort>((key, read) => {
    const colon = key.lastIndexOf(':');
    const name = key.slice(0, colon);
    const service = lookInto(this.#known(), read).service(name);
    const port = service && routedPorts(service).find((one) => one.port === Number(key.slice(colon + 1)));
    if (service === undefined || port === undefined) return undefined;
    const judgement = judge(this.#attachments.itemsOf(key));
    const isOwner = this.#addresses.twinOf(name) === undefined;
    return { refused: judgement.refused, routings: isOwner ? translatePort(service, port, judgement) : [] };
  });
  readonly #statuses = new Derived<RouteStatus>((key) => {
    const route = this.#routes.get(key);
    return route && translateStatus(route, (port) => this.#ports.get(port)?.refused.get(key));
  });
  readonly #endpoints = new Derived<readonly Endpoints[]>((name) => {
    const service = this.#objects.Service.get(name);
    return service && translateEndpoints(service, this.#slices.itemsOf(name));
  });
  readonly #serviceProblems = new Derived<readonly string[]>((name) => {
    const service = this.#objects.Service.get(name);
    return service && findServiceProblems(service, this.#addresses.twinOf(name));
  });

  /** Takes the objects as they are now, of which these changed; returns what is new. */
  update(objects: TranslationInput, changed: Changed): TranslationChanges {
    this.#objects = objects;
    for (const name of changed.EndpointSlice) this.#takeSlice(name);
    for (const name of changed.ReferenceGrant) this.#takeGrant(name);
    for (const name of changed.Service) this.#takeService(name);
    for (const name of this.#addresses.settle()) this.#markService(name);
    for (const kind of routeKinds) for (const name of changed[kind]) this.#routes.mark(`${kind} ${name}`);
    const routes = this.#attach();
    const ports = this.#judge();
    return {
      routings: changedParts(ports, (port) => port.routings, printDestination),
      endpoints: changedParts(
        this.#endpoints.settle(),
        (list) => list,
        ({ name }) => name,
      ),
      statuses: this.#statuses.settle(),
      problems: [...routes.map(problemsOfRoute), ...this.#serviceProblems.settle().map(problemsOfService)],
    };
  }

  #takeSlice(name: string): void {
    const slice = this.#objects.EndpointSlice.get(name);
    for (const owner of this.#slices.groupsOf(name)) this.#endpoints.mark(owner);
    if (slice === undefined) return this.#slices.remove(name);
    const owner = ownerOf(slice);
    this.#slices.place(name, slice, [owner]);
    this.#endpoints.mark(owner);
  }

  #takeGrant(name: string): void {
    const grant = this.#objects.ReferenceGrant.get(name);
    const facts = grant === undefined ? [] : grantFacts(grant);
    for (const fact of [...this.#grants.groupsOf(name), ...facts]) this.#routes.touch(fact);
    if (grant === undefined) this.#grants.remove(name);
    else this.#grants.place(name, grant, facts);
  }

  #takeService(name: string): void {
    const service = this.#objects.Service.get(name);
    this.#addresses.set(name, service);
    this.#routes.touch(serviceFact(name));
    this.#endpoints.mark(name);
    this.#markService(name);
    if (service === undefined) return;
    for (const { port } of routedPorts(service)) this.#ports.mark(endpointsName(service.meta, port));
  }

  /** Its ports as far as they are known, and what is wrong with it. */
  #markService(name: string): void {
    this.#ports.touch(serviceFact(name));
    this.#serviceProblems.mark(name);
  }

  /** The first pass: where each route attaches, and with what backends. */
  #attach(): readonly Change<AttachedRoute>[] {
    const changes = this.#routes.settle();
    for (const { key, before, after } of changes) {
      this.#statuses.mark(key);
      for (const { port } of before?.attachments ?? []) {
        this.#attachments.remove(`${port} ${key}`);
        this.#ports.mark(port);
      }
      for (const attachment of after?.attachments ?? []) {
        this.#attachments.place(`${attachment.port} ${key}`, attachment, [attachment.port]);
        this.#ports.mark(attachment.port);
      }
    }
    return changes;
  }

  /** The second pass: which of all the routes at a port serve there. Only then can their statuses be told. */
  #judge(): readonly Change<TranslatedPort>[] {
    const changes = this.#ports.settle();
    for (const { before, after } of changes) {
      for (const key of before?.refused.keys() ?? []) this.#statuses.mark(key);
      for (const key of after?.refused.keys() ?? []) this.#statuses.mark(key);
    }
    return changes;
  }

  #findRoute(key: string): RouteObject | undefined {
    for (const kind of routeKinds)
      if (key.startsWith(`${kind} `)) return this.#objects[kind].get(key.slice(kind.length + 1));
    return undefined;
  }

  #known(): Parameters<typeof lookInto>[0] {
    return { services: this.#objects.Service, grants: this.#grants };
  }
}

function printDestination({ destination, clientNamespace }: DestinationRouting): string {
  return clientNamespace === undefined ? destination : `${destination} ${clientNamespace}`;
}

function problemsOfRoute({ key, before, after }: Change<AttachedRoute>): Change<readonly string[]> {
  return { key, before: before?.problems, after: after?.problems };
}

function problemsOfService({ key, before, after }: Change<readonly string[]>): Change<readonly string[]> {
  return { key: `Service ${key}`, before, after };
}
