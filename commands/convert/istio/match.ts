import { checkExpression, literal } from '../expression.ts';
import type { Reading } from '../reading.ts';
import type { Match, NamedMatch, PathMatch } from '../route.ts';

/** What an HTTPMatchRequest says that a match of a route can say, and the port it is for. */
export type IstioMatch = { readonly match: Match; readonly port: number | undefined };

/** Undefined, and told, where it asks for what no match of a route can ask: with less it would take other requests. */
export function readMatch(read: Reading): IstioMatch | undefined {
  const ignoresCase = read.at('ignoreUriCase').flag() === true;
  read.at('name').text();
  const path = whereGiven(read.at('uri'), (uri) => readPath(uri, ignoresCase));
  const headers = whereGiven(read.at('headers'), readNamed);
  const queryParams = whereGiven(read.at('queryParams'), readNamed);
  const method = whereGiven(read.at('method'), readMethod);
  const port = read.at('port').number();
  if (hasUnsayable(read) || path === unsayable || headers === unsayable) return undefined;
  if (queryParams === unsayable || method === unsayable) return undefined;
  return { match: { path, method, headers, queryParams }, port };
}

const unsayable = Symbol('no match of a route says it');

/** What is read of a field: undefined where it is not given. */
function whereGiven<Value>(
  read: Reading,
  decode: (read: Reading) => Value | undefined,
): Value | typeof unsayable | undefined {
  return read.isGiven ? (decode(read) ?? unsayable) : undefined;
}

function hasUnsayable(read: Reading): boolean {
  const all: readonly (readonly [field: string, why: string])[] = [
    ['withoutHeaders', 'no match of a route says that a header is absent; put a rule with that header before this one'],
    ['sourceLabels', 'who asks is no part of a match; a consumer route is for the clients of its namespace'],
    ['sourceNamespace', 'who asks is no part of a match; a consumer route is for the clients of its namespace'],
    ['authority', 'under a Service the Host of a request counts for nothing; a Gateway has hostnames'],
    ['scheme', 'no match of a route says it'],
    ['gateways', 'no match of a route says it; write a route under each parent'],
    ['statPrefix', 'metrics are counted by route and rule'],
  ];
  const given = all.filter(([field]) => read.at(field).isGiven);
  for (const [field, why] of given) read.at(field).lost(why);
  return given.some(([field]) => field !== 'statPrefix');
}

function readPath(uri: Reading, ignoresCase: boolean): PathMatch | undefined {
  const [exact, prefix, regex] = [uri.at('exact').text(), uri.at('prefix').text(), uri.at('regex').text()];
  if (ignoresCase) {
    const value = exact === undefined ? (prefix === undefined ? regex : `${literal(prefix)}.*`) : literal(exact);
    return value === undefined ? undefined : expression(uri, `(?i)${value}`);
  }
  if (exact !== undefined) return { type: 'Exact', value: exact };
  if (regex !== undefined) return expression(uri, regex);
  if (prefix === undefined) return undefined;
  if (!prefix.startsWith('/')) return expression(uri, `${literal(prefix)}.*`);
  if (prefix !== '/')
    uri.note(
      prefix.endsWith('/')
        ? `${prefix} matches ${prefix.slice(0, -1)} too: a PathPrefix counts whole elements`
        : `${prefix} does not match ${prefix}x: a PathPrefix counts whole elements`,
    );
  return { type: 'PathPrefix', value: prefix };
}

function expression(read: Reading, text: string): PathMatch | undefined {
  const value = checkExpression(read, text);
  return value === undefined ? undefined : { type: 'RegularExpression', value };
}

/** Headers or query parameters by name. An empty match asks that it is there. */
function readNamed(read: Reading): readonly NamedMatch[] | undefined {
  const matches: NamedMatch[] = [];
  for (const [name, text] of read.entries()) {
    const exact = text.at('exact').text();
    const prefix = text.at('prefix').text();
    const written = prefix === undefined ? (text.at('regex').text() ?? '.*') : `${literal(prefix)}.*`;
    const value = exact ?? checkExpression(text, written);
    if (value === undefined) return undefined;
    matches.push({ type: exact === undefined ? 'RegularExpression' : 'Exact', name, value });
  }
  return matches;
}

const methods = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH)$/;

function readMethod(read: Reading): string | undefined {
  const method = read.at('exact').text();
  if (method !== undefined && methods.test(method)) return method;
  read.lost("a match names one of HTTP's methods; write a match for each");
  return undefined;
}
