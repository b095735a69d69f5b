import type { Candidate } from './candidate.ts';
import type { Choice } from './choice.ts';
import { literalPrefix } from './literalPrefix.ts';
import { PrefixTree } from './prefixTree.ts';
import type { LazyQuery } from './query.ts';
import type { RegularExpression } from './regularExpression.ts';
import type { MatchRequest } from './request.ts';

/** What is behind one regular expression for paths. */
export type PatternPath = {
  readonly pattern: string;
  readonly expression: RegularExpression;
  readonly choice: Choice;
};

/** All matches whose path is a regular expression. Runs only those expressions whose literal start the path has. */
export class PatternPaths {
  readonly #byPrefix: PrefixTree<readonly PatternPath[]>;

  constructor(paths: readonly PatternPath[]) {
    const byRank = [...paths].sort((a, b) => a.choice.rank - b.choice.rank);
    this.#byPrefix = new PrefixTree(
      Map.groupBy(byRank, ({ pattern }) => literalPrefix(pattern)),
      'character',
    );
  }

  /** The candidate of the lowest rank that the request meets. */
  find(request: MatchRequest, query: LazyQuery): Candidate | undefined {
    let best: Candidate | undefined;
    let limit = Number.POSITIVE_INFINITY;
    for (let entry = this.#byPrefix.longest(request.path); entry !== undefined; entry = entry.shorter) {
      for (const { choice, expression } of entry.value) {
        if (choice.rank >= limit) break;
        const candidate = choice.find(request, query, limit);
        if (candidate === undefined || !expression.testExact(request.path)) continue;
        best = candidate;
        limit = candidate.rank;
      }
    }
    return best;
  }
}
