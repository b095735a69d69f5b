import type { GRPCMethodMatch, HTTPPathMatch, Match, PathMatch } from '../model.ts';
import { firstOfEachName } from './predicates.ts';

/** Why a request with this match was chosen, for people: `path prefix /api and header x-canary = 1`, `service shop.Cart and method Add`. */
export function explainMatch(match: Match): string {
  const parts = [explainPath(match.path)];
  if (match.method !== undefined) parts.push(`method ${match.method}`);
  for (const header of firstOfEachName(match.headers)) parts.push(`header ${explainValue(header)}`);
  for (const param of firstOfEachName(match.queryParams)) parts.push(`query ${explainValue(param)}`);
  return parts.join(' and ');
}

const pathWords = {
  Exact: 'path',
  PathPrefix: 'path prefix',
  RegularExpression: 'path matching',
} as const satisfies Record<HTTPPathMatch['type'], string>;

/** The same of its path alone. */
export function explainPath(path: PathMatch): string {
  return path.type === 'GRPCMethod' ? explainMethod(path) : `${pathWords[path.type]} ${path.value}`;
}

function explainMethod({ by, service, method }: GRPCMethodMatch): string {
  const how = by === 'Exact' ? '' : 'matching ';
  const parts = [
    ...(service === undefined ? [] : [`service ${how}${service}`]),
    ...(method === undefined ? [] : [`method ${how}${method}`]),
  ];
  return parts.length === 0 ? 'any method' : parts.join(' and ');
}

function explainValue({ type, name, value }: Match['headers'][number]): string {
  return type === 'Exact' ? `${name} = ${value}` : `${name} matching ${value}`;
}
