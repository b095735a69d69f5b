import { compileOrigins } from '../../routing/filters/origins.ts';
import type { GRPCMethodMatch, Match, PathMatch, Route } from '../../routing/model.ts';
import { firstOfEachName } from '../../routing/match/predicates.ts';
import type { HeaderLine } from '../request/parseRequest.ts';
import { samplePattern } from '../request/samplePattern.ts';
import { printQuery, withContentType } from '../request/sampleRequest.ts';

/** A request that some match may be for. */
export type Example = { readonly method: string; readonly target: string; readonly headers: readonly HeaderLine[] };

/** What requests have besides method and path. */
type Fields = { readonly headers: readonly HeaderLine[]; readonly query: readonly HeaderLine[] };

const mostExamples = 20_000;
const mostPairs = 40;

/**
 * Requests that tell routes apart, those for GRPCRoutes as RPCs: every path that a match names, and one below each prefix, with each set of headers and
 * query parameters that a match asks for, none, and those of two matches at once, by each method that one names and one that
 * none names; where a rule answers for CORS, also from origins that it allows and not, and as preflights. Simple ones come
 * first; of very many only the first 20,000.
 */
export function* exampleRequests(routes: readonly Route[]): Generator<Example, void> {
  const matches = routes.flatMap(({ rules }) => rules.flatMap((rule) => rule.matches));
  const paths = distinct(matches.flatMap(({ path }) => samplePaths(path)).concat('/'), (path) => path);
  const methods = methodsOf(matches);
  const own = distinct([noFields, ...matches.flatMap(sampleFields)], fieldsKey);
  const all = [...own, ...pairsOf(own)];
  const [rpcs, others] = [routes.some(isGRPC), routes.length === 0 || !routes.every(isGRPC)];
  const ways = [
    ...(rpcs ? all.map((fields) => ({ ...fields, method: 'POST', headers: withContentType(fields.headers) })) : []),
    ...(others ? [...all, ...sharingFields(routes, methods, own)] : []),
  ];
  let left = mostExamples;
  for (const fields of ways) {
    for (const path of paths) {
      for (const method of fields.method === undefined ? methods : [fields.method]) {
        if (left-- <= 0) return;
        yield { method, target: path + printQuery(fields.query), headers: fields.headers };
      }
    }
  }
}

function isGRPC({ kind }: Route): boolean {
  return kind === 'GRPCRoute';
}

type FieldsOfSome = Fields & { readonly method?: string };

const noFields: FieldsOfSome = { headers: [], query: [] };

function samplePaths(path: PathMatch): readonly string[] {
  if (path.type === 'GRPCMethod') return sampleMethods(path);
  const { type, value } = path;
  if (type === 'Exact') return [value];
  if (type === 'RegularExpression') return samplePattern(value, (text) => (text.startsWith('/') ? text : `/${text}`));
  return value === '/' ? ['/', '/x'] : [value, `${value}/x`];
}

/** `/service/method`, what is not asked for being anything. */
function sampleMethods({ by, service, method }: GRPCMethodMatch): readonly string[] {
  const sample = (text: string | undefined): readonly string[] =>
    text === undefined ? ['any'] : by === 'Exact' ? [text] : samplePattern(text);
  return sample(service).flatMap((one) => sample(method).map((other) => `/${one}/${other}`));
}

const allMethods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'];

/** Those that matches name, and one that none names, GET if it can be. */
function methodsOf(matches: readonly Match[]): readonly string[] {
  const named = new Set(matches.flatMap(({ method }) => (method === undefined ? [] : [method])));
  const other = allMethods.find((method) => !named.has(method));
  return other === undefined ? [...named] : [other, ...named];
}

/** All that a match asks for, in each way in which it can be met that we know of. */
function sampleFields(match: Match): readonly FieldsOfSome[] {
  const headers = combine(firstOfEachName(match.headers).map(sampleValues));
  const queries = combine(firstOfEachName(match.queryParams).map(sampleValues));
  return headers.flatMap((some) => queries.map((query) => ({ headers: some, query })));
}

function sampleValues({ type, name, value }: Match['headers'][number]): readonly HeaderLine[] {
  const values = type === 'Exact' ? [value] : samplePattern(value);
  return values.map((one) => ({ name, value: one }));
}

const mostCombined = 16;

/** One of each, in every way. */
function combine(choices: readonly (readonly HeaderLine[])[]): readonly (readonly HeaderLine[])[] {
  return choices.reduce<readonly (readonly HeaderLine[])[]>(
    (rows, some) => rows.flatMap((row) => some.map((one) => [...row, one])).slice(0, mostCombined),
    [[]],
  );
}

/** What meets two matches at once. */
function pairsOf(own: readonly FieldsOfSome[]): readonly FieldsOfSome[] {
  const few = own.slice(0, mostPairs);
  const pairs = few.flatMap((one, index) => few.slice(index + 1).map((other) => unite(one, other)));
  return distinct(
    pairs.filter((fields) => fields !== undefined),
    fieldsKey,
  );
}

/** Undefined where they contradict each other. */
function unite(one: Fields, other: Fields): FieldsOfSome | undefined {
  const headers = uniteLines(one.headers, other.headers);
  const query = uniteLines(one.query, other.query);
  return headers && query && { headers, query };
}

function uniteLines(one: readonly HeaderLine[], other: readonly HeaderLine[]): readonly HeaderLine[] | undefined {
  const united = new Map(one.map(({ name, value }) => [name, value]));
  for (const { name, value } of other) {
    if ((united.get(name) ?? value) !== value) return undefined;
    united.set(name, value);
  }
  return Array.from(united, ([name, value]) => ({ name, value }));
}

const elsewhere = 'https://elsewhere.example';

/** From origins that CORS filters allow, and from one that they do not: as they are, and as preflights. */
function sharingFields(
  routes: readonly Route[],
  methods: readonly string[],
  own: readonly FieldsOfSome[],
): readonly FieldsOfSome[] {
  const filters = routes
    .flatMap(({ rules }) => rules.flatMap((rule) => rule.filters))
    .filter((one) => one.type === 'CORS');
  if (filters.length === 0) return [];
  const allowed = filters.flatMap(({ allowOrigins }) => allowOrigins.map(sampleOrigin));
  const origins = [...new Set([...allowed, elsewhere])];
  const asked = [...new Set([...methods, ...filters.flatMap(({ allowMethods }) => allowMethods), 'PUT'])].filter(
    (name) => name !== '*',
  );
  const all: FieldsOfSome[] = [];
  for (const { headers, query } of own) {
    for (const origin of origins) {
      const from = headers.concat({ name: 'origin', value: origin });
      all.push({ headers: from, query });
      for (const method of asked) all.push(announce(from, query, method));
    }
  }
  return all;
}

function announce(from: readonly HeaderLine[], query: readonly HeaderLine[], method: string): FieldsOfSome {
  return { method: 'OPTIONS', query, headers: [...from, { name: 'access-control-request-method', value: method }] };
}

/** One that such an entry allows. */
function sampleOrigin(allowed: string): string {
  const origin = allowed === '*' ? elsewhere : allowed.replace('*', 'a.example');
  return compileOrigins([allowed])(origin) ? origin : elsewhere;
}

function fieldsKey({ method = '', headers, query }: FieldsOfSome): string {
  return JSON.stringify([method, headers, query]);
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [keyOf(item), item] as const)).values()];
}
