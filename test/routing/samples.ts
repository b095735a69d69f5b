import type {
  Backend,
  GRPCMethodMatch,
  HeaderMatch,
  Match,
  PathMatch,
  QueryParamMatch,
  Route,
  Rule,
} from '../../routing/model.ts';
import type { MatchRequest } from '../../routing/match/request.ts';

/** A match with prefix `/` and no other condition, unless told otherwise. */
export function matchSample(parts: Partial<Match> = {}): Match {
  return { path: prefix('/'), headers: [], queryParams: [], ...parts };
}

/** A rule without filters and backends. */
function ruleSample(index: number, matches: readonly Match[]): Rule {
  return { index, matches, filters: [], backends: [] };
}

/** The route `shop/cart` with one rule per list of matches, unless told otherwise. */
export function routeSample(rules: readonly (readonly Match[])[], parts: Partial<Route> = {}): Route {
  return {
    kind: 'HTTPRoute',
    namespace: 'shop',
    name: 'cart',
    createdAtMs: 0,
    rules: rules.map((matches, index) => ruleSample(index, matches)),
    ...parts,
  };
}

/** A valid backend of weight 1, unless told otherwise. */
export function backendSample(parts: Partial<Backend> = {}): Backend {
  return {
    namespace: 'shop',
    name: 'cart',
    port: 80,
    weight: 1,
    filters: [],
    target: { type: 'Endpoints', endpoints: 'shop/cart:80', protocol: 'detect' },
    ...parts,
  };
}

/** A GET for a target such as `/a?b=c`, with header fields in lower case. */
export function requestSample(
  target: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): MatchRequest {
  const [path = '', ...query] = target.split('?');
  return { method, path, query: query.join('?'), headers: new Map(Object.entries(headers)) };
}

export function exact(value: string): PathMatch {
  return { type: 'Exact', value };
}

export function prefix(value: string): PathMatch {
  return { type: 'PathPrefix', value };
}

export function pattern(value: string): PathMatch {
  return { type: 'RegularExpression', value };
}

/** What a GRPCRoute says of service and method. */
export function rpc(by: GRPCMethodMatch['by'], service?: string, method?: string): PathMatch {
  const named = { ...(service === undefined ? {} : { service }), ...(method === undefined ? {} : { method }) };
  return { type: 'GRPCMethod', by, ...named };
}

export function equal(name: string, value: string): HeaderMatch & QueryParamMatch {
  return { type: 'Exact', name, value };
}

export function like(name: string, value: string): HeaderMatch & QueryParamMatch {
  return { type: 'RegularExpression', name, value };
}
