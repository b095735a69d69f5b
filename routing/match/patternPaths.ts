import type { Candidate } from './candidate.ts';
import type { Choice } from './choice.ts';
import { type Literals, literalsOf } from './literals.ts';
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

type Entry = Omit<PatternPath, 'pattern'> & Literals;

/** All matches whose path is a regular expression. Runs only those expressions whose plain text the path has. */
export class PatternPaths {
  readonly #byPrefix: PrefixTree<readonly Entry[]>;

  constructor(paths: readonly PatternPath[]) {
    const entries = paths.map(({ pattern, expression, choice }) => ({ ...literalsOf(pattern), expression, choice }));
    const byRank = entries.sort((a, b) => a.choice.rank - b.choice.rank);
    this.#byPrefix = new PrefixTree(
      Map.groupBy(byRank, ({ prefix }) => prefix),
      'character',
    );
  }

  /** The candidate of the lowest rank that the request meets. */
  find(request: MatchRequest, query: LazyQuery): Candidate | undefined {
    let best: Candidate | undefined;
    let limit = Number.POSITIVE_INFINITY;
    for (let entry = this.#byPrefix.longest(request.path); entry !== undefined; entry = entry.shorter) {
      for (const { choice, expression, inside } of entry.value) {
        if (choice.rank >= limit) break;
        if (!request.path.includes(inside)) continue;
        const candidate = choice.find(request, query, limit);
        if (candidate === undefined || !expression.testExact(request.path)) continue;
        best = candidate;
        limit = candidate.rank;
      }
    }
    return best;
  }
}
