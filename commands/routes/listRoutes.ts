import type { Service } from '../../agent/objects/types.ts';
import { endpointsName, routeName, type Backend, type Filter, type Rule } from '../../routing/model.ts';
import { explainMatch } from '../../routing/match/explain.ts';
import { placesOf } from '../../routing/match/precedence.ts';
import { compileWeights } from '../../routing/weights.ts';
import { routesAt, type RouteAt } from '../explain/routesAt.ts';
import { type Mesh, type MeshPort, routingFor } from '../mesh/mesh.ts';

/** One match at a port, in the order in which they are tried. */
export type ListedMatch = {
  readonly matches: string;
  readonly route: string;
  readonly rule: number;
  readonly ruleName?: string;
  /** What filters of the rule do, in words. */
  readonly filters: readonly string[];
  readonly backends: readonly ListedBackend[];
};

/** `problem`: why it answers 500. */
export type ListedBackend = { readonly backend: string; readonly share: number; readonly problem?: string };

/** A port with the routes of a client, merged. */
export type ListedPort = {
  /** `namespace/service:port`. */
  readonly port: string;
  readonly name?: string;
  readonly protocol: string;
  /** Namespaces whose clients have routes of their own. */
  readonly consumers: readonly string[];
  readonly routes: readonly RouteAt[];
  /** Problems of the routes that apply, by route. */
  readonly problems: readonly string[];
  /** None: every request goes to the Service's own endpoints. */
  readonly matches: readonly ListedMatch[];
};

/** The ports of a Service as the clients of a namespace see them. */
export function listRoutes(mesh: Mesh, service: Service, clientNamespace: string): readonly ListedPort[] {
  return service.ports.flatMap(({ port, name }) => {
    const found = mesh.ports.get(endpointsName(service.meta, port));
    return found === undefined ? [] : [listPort(mesh, { port: found, name, clientNamespace })];
  });
}

type Seen = { readonly port: MeshPort; readonly name: string; readonly clientNamespace: string };

function listPort(mesh: Mesh, { port, name, clientNamespace }: Seen): ListedPort {
  const routing = routingFor(port, clientNamespace);
  const routes = routesAt(mesh, port, clientNamespace);
  return {
    port: port.name,
    ...(name !== '' && { name }),
    protocol: routing.protocol,
    consumers: [...port.routings.keys()].flatMap((one) => (one === undefined || one === clientNamespace ? [] : [one])),
    routes,
    problems: routes
      .filter(({ applies }) => applies)
      .flatMap(({ route }) => (mesh.problems.get(route) ?? []).map((problem) => `${route}: ${problem}`)),
    matches: placesOf(routing.routes).map(({ route, rule, match }) => {
      const listed = listRule(rule);
      const named = rule.name === undefined ? {} : { ruleName: rule.name };
      return Object.assign({ matches: explainMatch(match), route: routeName(route), rule: rule.index }, named, listed);
    }),
  };
}

function listRule(rule: Rule): Pick<ListedMatch, 'filters' | 'backends'> {
  const { shareOf } = compileWeights(rule.backends);
  return {
    filters: rule.filters.map(describeFilter),
    backends: rule.backends.map((backend) => listBackend(backend, shareOf(backend))),
  };
}

function listBackend(backend: Backend, share: number): ListedBackend {
  const { target, filters } = backend;
  const wrong = filters.find((filter) => filter.type === 'Unsupported');
  const problem = target.type === 'Invalid' ? `${target.reason}: ${target.message}` : wrong?.message;
  const listed = { backend: endpointsName(backend, backend.port), share };
  return problem === undefined ? listed : { ...listed, problem };
}

function describeFilter(filter: Filter): string {
  if (filter.type === 'RequestRedirect') return `redirects with ${filter.statusCode}`;
  if (filter.type === 'RequestMirror') return `sends copies to ${endpointsName(filter, filter.port)}`;
  if (filter.type === 'Unsupported') return `answers 500: ${filter.message}`;
  if (filter.type !== 'URLRewrite') return filterWords[filter.type];
  const what = [filter.hostname === undefined ? '' : 'the host', filter.path === undefined ? '' : 'the path'];
  return `rewrites ${what.filter((part) => part !== '').join(' and ')}`;
}

const filterWords = {
  RequestHeaderModifier: 'changes headers',
  ResponseHeaderModifier: 'changes headers of answers',
  CORS: 'answers for CORS',
} as const;
