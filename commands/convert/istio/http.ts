import type { Reading } from '../reading.ts';
import type { Filter, Match, Rule } from '../route.ts';
import { type Destinations, readRoute } from './destinations.ts';
import { readCorsPolicy, readMirrors, readRedirect, readRewrite } from './filters.ts';
import { readHeaders } from './headers.ts';
import { type IstioMatch, readMatch } from './match.ts';
import { readTimes } from './policies.ts';

/** A rule, and the port of the Service that it is for where a match says one. */
export type PortRule = { readonly rule: Rule; readonly port: number | undefined };

/** One HTTPRoute of a VirtualService: a rule for each port, and for each match whose prefix is replaced. */
export function readHttp(destinations: Destinations, http: Reading): readonly PortRule[] {
  const name = ruleName(http.at('name').text());
  const written = http.at('match').items();
  const matches = written.flatMap((match) => readMatch(match) ?? []);
  const always = readAlways(destinations, http);
  const redirects = always.some(({ type }) => type === 'RequestRedirect');
  const backendRefs = redirects ? [] : readRoute(destinations, http.at('route'));
  const common = { ...(backendRefs.length > 0 && { backendRefs }), ...readTimes(http) };
  http.at('directResponse').lost('no filter answers by itself: its rule answers 500');
  http.at('fault').lost('no filter makes faults: its rule goes on without');
  http.at('delegate').lost('a route has all its rules itself: this one answers 500');
  if (written.length > 0 && matches.length === 0) {
    http.at('match').lost('no match of a route says any of it: the rule is left out');
    return [];
  }
  const alternatives: readonly IstioMatch[] = matches.length === 0 ? [{ match: {}, port: undefined }] : matches;
  const rules = alternatives.map((alternative) => rewritten(http.at('rewrite'), alternative));
  const groups = Map.groupBy(rules, ({ port, alone, filters }, index) =>
    JSON.stringify([port, filters, alone ? index : -1]),
  );
  return [...groups.values()].map((alike): PortRule => {
    const [{ port, filters: own } = { port: undefined, filters: [] }] = alike;
    const filters = [...own, ...always];
    const said = alike.every(({ match }) => isEmpty(match)) ? [] : alike.map(({ match }) => spelledOut(match));
    const rule: Rule = {
      ...(name !== undefined && { name }),
      ...(said.length > 0 && { matches: said }),
      ...(filters.length > 0 && { filters }),
      ...common,
    };
    return { rule, port };
  });
}

function isEmpty(match: Match): boolean {
  return Object.values(match).every((condition) => condition === undefined);
}

/** One that takes everything, beside others, says so. */
function spelledOut(match: Match): Match {
  return isEmpty(match) ? { path: { type: 'PathPrefix', value: '/' } } : match;
}

/** A match with its rewrite. One whose prefix is replaced stands `alone` in its rule and says its path. */
function rewritten(rewrite: Reading, { match, port }: IstioMatch) {
  const filters = readRewrite(rewrite, match);
  const alone = filters.some(
    (filter) => filter.type === 'URLRewrite' && filter.urlRewrite.path?.type === 'ReplacePrefixMatch',
  );
  const all: Match = { ...match, path: { type: 'PathPrefix', value: '/' } };
  return { filters, alone, port, match: alone && match.path === undefined ? all : match };
}

function readAlways(destinations: Destinations, http: Reading): readonly Filter[] {
  const redirect = readRedirect(http.at('redirect'));
  return [
    ...readHeaders(http.at('headers')),
    ...readMirrors(destinations, http),
    ...readCorsPolicy(http.at('corsPolicy')),
    ...(redirect === undefined ? [] : [{ type: 'RequestRedirect' as const, requestRedirect: redirect }]),
  ];
}

/** The name as a rule may have it; undefined where nothing of it is left. */
function ruleName(name = ''): string | undefined {
  const allowed = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '');
  return allowed === '' ? undefined : allowed.slice(0, 63).replace(/[.-]+$/, '');
}

/** Rules whose names are their own: of those alike only the first keeps it. */
export function nameOnce(rules: readonly Rule[]): readonly Rule[] {
  const taken = new Set<string>();
  return rules.map((rule) => {
    if (rule.name === undefined) return rule;
    const isFirst = !taken.has(rule.name);
    taken.add(rule.name);
    const { name: _, ...unnamed } = rule;
    return isFirst ? rule : unnamed;
  });
}
