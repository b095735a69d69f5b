import type { Match } from '../../routing/model.ts';
import { firstOfEachName } from '../../routing/match/predicates.ts';
import type { HeaderLine } from './parseRequest.ts';
import { samplePattern } from './samplePattern.ts';

/** What a request must have besides its path for a match to hold. */
export type Conditions = {
  readonly method?: string;
  readonly headers: readonly HeaderLine[];
  readonly query: readonly HeaderLine[];
};

/** A request that meets all that a match asks for but its path; undefined where no text for a pattern is found. */
export function sampleConditions(match: Match): Conditions | undefined {
  const headers = firstOfEachName(match.headers).map(sampleValue);
  const query = firstOfEachName(match.queryParams).map(sampleValue);
  if ([...headers, ...query].some(({ value }) => value === undefined)) return undefined;
  const { method } = match;
  return { ...(method !== undefined && { method }), headers: headers as HeaderLine[], query: query as HeaderLine[] };
}

/** Those of a request of gRPC: with its content-type, unless they say one. */
export function withContentType(headers: readonly HeaderLine[]): readonly HeaderLine[] {
  if (headers.some(({ name }) => name.toLowerCase() === 'content-type')) return headers;
  return [...headers, { name: 'content-type', value: 'application/grpc' }];
}

/** `?a=b&c=d`, or nothing. */
export function printQuery(query: readonly HeaderLine[]): string {
  const pairs = query.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function sampleValue({ type, name, value }: Match['headers'][number]): { name: string; value: string | undefined } {
  return { name, value: type === 'Exact' ? value : samplePattern(value)[0] };
}
