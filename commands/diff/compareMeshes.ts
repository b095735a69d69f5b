import { compareText } from '../../agent/translate/compare.ts';
import type { RouteStatus } from '../../agent/translate/result.ts';
import type { RequestHead } from '../../proxy/message/head.ts';
import type { Decision } from '../../proxy/route/decision.ts';
import { endpointsOf } from '../../routing/targets.ts';
import { readEndpointsName, type ServiceRouting } from '../../routing/model.ts';
import { compilePort } from '../mesh/compilePort.ts';
import { type Mesh, routingFor } from '../mesh/mesh.ts';
import { type Effect, effectKey, effectOn, type PortThen, readExample } from './effect.ts';
import { type Example, exampleRequests } from './exampleRequests.ts';

/** What would change for requests. */
export type Changes = {
  readonly ports: readonly PortChanges[];
  readonly statuses: readonly StatusChange[];
};

/** At one port, for the clients of a namespace that has, or will have, routes of its own; left out: for all others. */
export type PortChanges = {
  /** `namespace/service:port`. */
  readonly port: string;
  readonly clientNamespace?: string;
  readonly requests: readonly RequestChange[];
};

/** Requests that would go elsewhere: one of them, and how many others of those that were looked at are alike. */
export type RequestChange = {
  readonly example: Example;
  readonly alike: number;
  readonly before: Effect;
  readonly after: Effect;
};

/** A condition of a route that would become another one. */
export type StatusChange = {
  readonly route: string;
  readonly condition: string;
  readonly turns: 'Good' | 'Bad';
  readonly reason: string;
  readonly message: string;
};

/** Compares what two states of a mesh make of requests, and of the statuses of routes. */
export function compareMeshes(before: Mesh, after: Mesh): Changes {
  const names = [...new Set([...before.ports.keys(), ...after.ports.keys()])].toSorted(compareText);
  const ports = names.flatMap((name) =>
    clientsOf(name, before, after).flatMap((client) => {
      const requests = compareAt({ name, client }, before, after);
      if (requests.length === 0) return [];
      return [client === undefined ? { port: name, requests } : { port: name, clientNamespace: client, requests }];
    }),
  );
  return { ports, statuses: compareStatuses(before, after) };
}

/** Whose requests may be decided otherwise than those of others, at either time. */
function clientsOf(name: string, ...meshes: readonly Mesh[]): readonly (string | undefined)[] {
  const clients = new Set<string | undefined>([undefined]);
  for (const mesh of meshes) for (const client of mesh.ports.get(name)?.routings.keys() ?? []) clients.add(client);
  return [...clients];
}

type At = { readonly name: string; readonly client: string | undefined };

// No namespace can be called so: its clients are those that have no routes of their own.
const anyNamespace = '';

function compareAt(at: At, before: Mesh, after: Mesh): readonly RequestChange[] {
  const routings = [before, after].map((mesh) => routingAt(mesh, at));
  const [was, is] = routings;
  if (was !== undefined && is !== undefined && saysOf(before, was) === saysOf(after, is)) return [];
  const portBefore = portAt(before, at, was);
  const portAfter = portAt(after, at, is);
  const found = new Map<string, { example: Example; alike: number; before: Effect; after: Effect }>();
  const looked = new LookedAt(portBefore, portAfter);
  for (const example of exampleRequests(routings.flatMap((routing) => routing?.routes ?? []))) {
    const sent = readExample(at.name, example);
    if (sent === undefined || looked.isEnough(sent.head)) continue;
    const [one, other] = [effectOn(portBefore, sent), effectOn(portAfter, sent)];
    if (effectKey(one) === effectKey(other)) continue;
    const key = changeKey(one, other);
    const alike = found.get(key);
    if (alike === undefined) found.set(key, { example, alike: 0, before: one, after: other });
    else alike.alike += 1;
  }
  return [...found.values()];
}

// What two decisions make of a request may depend on its path and fields: on few of them.
const mostOfAPair = 8;

/** Counts how many requests of each pair of decisions were looked at; what CORS makes of them depends on the origin, too. */
class LookedAt {
  private readonly ports: readonly PortThen[];
  private readonly numbers = new Map<Decision | undefined, number>();
  private readonly counts = new Map<string, number>();

  constructor(...ports: readonly PortThen[]) {
    this.ports = ports;
  }

  isEnough(head: RequestHead): boolean {
    const pair = this.ports.map((port) => this.numberOf(port?.compiled.decide(head, () => 0)));
    const key = `${pair.join(' ')} ${head.headers.get('origin') ?? ''}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count > mostOfAPair;
  }

  private numberOf(decision: Decision | undefined): number {
    const number = this.numbers.get(decision) ?? this.numbers.size;
    this.numbers.set(decision, number);
    return number;
  }
}

export function routingAt(mesh: Mesh, { name, client }: At): ServiceRouting | undefined {
  const port = mesh.ports.get(name);
  return port && routingFor(port, client ?? anyNamespace);
}

export function portAt(mesh: Mesh, { name }: At, routing: ServiceRouting | undefined): PortThen {
  const port = mesh.ports.get(name);
  return port && routing && { port, compiled: compilePort(mesh, routing, {}) };
}

/** All that decides on requests at a port. */
function saysOf(mesh: Mesh, routing: ServiceRouting): string {
  const endpoints = endpointsOf(routing).map((name) => {
    const { endpoints: all = [], sessionAffinityMs } = mesh.endpoints.get(name) ?? {};
    const known = mesh.known(readEndpointsName(name).service);
    return [known, all.some(({ ready, serving, terminating }) => ready || (serving && terminating)), sessionAffinityMs];
  });
  return JSON.stringify([routing, endpoints]);
}

/** Equal for changes that a person would call the same: by rules and backends, not by paths. */
export function changeKey(before: Effect, after: Effect): string {
  // That a port comes or goes, or is passed on, is one change whatever rules it has.
  if (before.type !== 'Routed' || after.type !== 'Routed') return `${before.type} ${after.type}`;
  return `${summaryOf(before)} ${summaryOf(after)}`;
}

function summaryOf(effect: Extract<Effect, { type: 'Routed' }>): string {
  const { route, rule } = effect.decidedBy;
  const outcomes = effect.outcomes.map((outcome) => [
    outcome.share.toFixed(6),
    outcome.decidedBy.backend,
    outcome.type === 'Answered' ? outcome.status : 0,
  ]);
  return JSON.stringify([route, rule, outcomes]);
}

function compareStatuses(before: Mesh, after: Mesh): readonly StatusChange[] {
  const was = conditionsOf(before.statuses);
  return [...conditionsOf(after.statuses).values()]
    .filter((condition) => {
      const known = was.get(`${condition.route} ${condition.condition}`)?.turns ?? 'Good';
      return known !== condition.turns;
    })
    .toSorted((one, other) => compareText(one.route, other.route));
}

/** By route and condition; of several parents the worst counts. */
function conditionsOf(statuses: ReadonlyMap<string, RouteStatus>): ReadonlyMap<string, StatusChange> {
  const found = new Map<string, StatusChange>();
  for (const [route, { parents }] of statuses) {
    for (const { type, status, reason, message } of parents.flatMap(({ conditions }) => conditions)) {
      const isGood = status === (type !== 'PartiallyInvalid');
      const key = `${route} ${type}`;
      if (isGood && found.has(key)) continue;
      found.set(key, { route, condition: type, turns: isGood ? 'Good' : 'Bad', reason, message });
    }
  }
  return found;
}
