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

/** `?a=b&c=d`, or nothing. */
export function printQuery(query: readonly HeaderLine[]): string {
  const pairs = query.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function sampleValue({ type, name, value }: Match['headers'][number]): { name: string; value: string | undefined } {
  return { name, value: type === 'Exact' ? value : samplePattern(value)[0] };
}
