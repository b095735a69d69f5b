import { type Branch, branchOut, queryKey } from './branches.ts';
import type { Candidate } from './candidate.ts';
import { predicatesHold } from './predicates.ts';
import type { LazyQuery } from './query.ts';
import { headerOf, type MatchRequest } from './request.ts';

/**
 * The candidates of one path, filed so that a request looks at few of them: 500 that differ by method, by the value of
 * a header or by a query parameter cost about as much as five. Names of headers are looked up one after the other.
 */
export class Choice {
  /** The lowest rank inside. */
  readonly rank: number;
  readonly #scanned: readonly Candidate[];
  readonly #lookups: readonly Lookup[];

  /** Candidates come lowest rank first, at least one. */
  constructor(candidates: readonly Candidate[]) {
    const { branches, rest } = branchOut(candidates);
    this.rank = candidates[0]?.rank ?? Number.POSITIVE_INFINITY;
    this.#scanned = rest;
    this.#lookups = branches.map((branch) => new Lookup(branch)).sort((a, b) => a.rank - b.rank);
  }

  /** The candidate of the lowest rank that the request meets, if that rank is below `limit`. */
  find(request: MatchRequest, query: LazyQuery, limit: number): Candidate | undefined {
    let best: Candidate | undefined;
    for (const candidate of this.#scanned) {
      if (candidate.rank >= limit) break;
      if (!predicatesHold(candidate.predicates, request, query)) continue;
      best = candidate;
      break;
    }
    for (const lookup of this.#lookups) {
      const below = best === undefined ? limit : best.rank;
      if (lookup.rank >= below) break;
      best = lookup.find(request, query, below) ?? best;
    }
    return best;
  }
}

class Lookup {
  readonly rank: number;
  readonly #type: Branch['type'];
  readonly #name: string;
  readonly #choices: ReadonlyMap<string, Choice>;

  constructor({ type, name, filed }: Branch) {
    this.#type = type;
    this.#name = name;
    this.#choices = new Map(Array.from(filed, ([value, candidates]) => [value, new Choice(candidates)]));
    this.rank = this.#choices.values().reduce((lowest, { rank }) => Math.min(lowest, rank), Number.POSITIVE_INFINITY);
  }

  find(request: MatchRequest, query: LazyQuery, limit: number): Candidate | undefined {
    if (this.#type === 'query') return this.#findByQuery(request, query, limit);
    const value = this.#type === 'method' ? request.method : headerOf(request, this.#name);
    return value === undefined ? undefined : this.#choices.get(value)?.find(request, query, limit);
  }

  #findByQuery(request: MatchRequest, query: LazyQuery, limit: number): Candidate | undefined {
    let best: Candidate | undefined;
    for (const [name, value] of query.params()) {
      const choice = this.#choices.get(queryKey(name, value));
      best = choice?.find(request, query, best === undefined ? limit : best.rank) ?? best;
    }
    return best;
  }
}
