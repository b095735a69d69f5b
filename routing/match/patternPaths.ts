import type { Candidate } from './candidate.ts';
import type { Choice } from './choice.ts';
import type { PathPattern } from './pathPattern.ts';
import { PrefixTree } from './prefixTree.ts';
import type { LazyQuery } from './query.ts';
import type { MatchRequest } from './request.ts';

/** What is behind one pattern for paths. */
export type PatternPath = PathPattern & { readonly choice: Choice };

/** All matches whose path is found by trying. Tries only those patterns whose plain text the path has. */
export class PatternPaths {
  /** The lowest rank inside; infinite where there is nothing. */
  readonly rank: number;
  readonly #byPrefix: PrefixTree<readonly PatternPath[]>;

  constructor(paths: readonly PatternPath[]) {
    const byRank = paths.toSorted((a, b) => a.choice.rank - b.choice.rank);
    this.rank = byRank[0]?.choice.rank ?? Number.POSITIVE_INFINITY;
    this.#byPrefix = new PrefixTree(
      Map.groupBy(byRank, ({ prefix }) => prefix),
      'character',
    );
  }

  /** The candidate of the lowest rank that the request meets, if that rank is below `limit`. */
  find(request: MatchRequest, query: LazyQuery, limit: number): Candidate | undefined {
    let best: Candidate | undefined;
    let below = limit;
    for (let entry = this.#byPrefix.longest(request.path); entry !== undefined; entry = entry.shorter) {
      for (const { choice, expression, inside } of entry.value) {
        if (choice.rank >= below) break;
        if (!request.path.includes(inside)) continue;
        const candidate = choice.find(request, query, below);
        if (candidate === undefined || !expression.testExact(request.path)) continue;
        best = candidate;
        below = candidate.rank;
      }
    }
    return best;
  }
}
