import type { Candidate } from './candidate.ts';
import type { Condition } from './conditions.ts';

/**
 * Candidates that one lookup tells apart, each filed under one condition of its own. A method or header is filed by
 * its value and that condition is taken off the candidate; query parameters of all names share one branch, are filed
 * by `queryKey` and stay to be checked.
 */
export type Branch = {
  readonly type: Condition['type'];
  /** Of the header; otherwise empty. */
  readonly name: string;
  readonly filed: ReadonlyMap<string, readonly Candidate[]>;
};

/** The branches of candidates (lowest rank first), best first, and those that no lookup would tell apart. */
export function branchOut(candidates: readonly Candidate[]): {
  readonly branches: readonly Branch[];
  readonly rest: readonly Candidate[];
} {
  const branches: Branch[] = [];
  let rest = candidates;
  while (rest.length > maxScanned) {
    const best = bestBranch(rest);
    if (best === undefined) break;
    branches.push(best);
    rest = rest.filter((candidate) => !best.covered.has(candidate));
  }
  return { branches, rest };
}

/** What a query parameter is filed under; two parameters may share a key. */
export function queryKey(name: string, value: string): string {
  return `${name}=${value}`;
}

/** So few candidates are faster tried one by one. */
const maxScanned = 3;

type Draft = Omit<Branch, 'filed'> & {
  readonly filed: Map<string, Candidate[]>;
  readonly covered: Set<Candidate>;
  largest: number;
};

/** The branch whose lookup spares the most candidates for certain; undefined when none spares any. */
function bestBranch(candidates: readonly Candidate[]): Draft | undefined {
  const drafts = new Map<string, Draft>();
  const uses = countQueryKeys(candidates);
  for (const candidate of candidates) {
    for (const condition of candidate.conditions) {
      if (condition.type === 'query' || condition.expression !== undefined) continue;
      file(draftOf(drafts, condition.type, condition.name), candidate, condition);
    }
    const rarest = rarestParam(candidate, uses);
    if (rarest !== undefined) file(draftOf(drafts, 'query', ''), candidate, rarest);
  }
  let best: Draft | undefined;
  for (const draft of drafts.values()) if (spared(draft) > (best === undefined ? 0 : spared(best))) best = draft;
  return best;
}

function draftOf(drafts: Map<string, Draft>, type: Condition['type'], name: string): Draft {
  const key = `${type} ${name}`;
  const draft = drafts.get(key) ?? { type, name, filed: new Map(), covered: new Set(), largest: 0 };
  drafts.set(key, draft);
  return draft;
}

function file(draft: Draft, candidate: Candidate, condition: Condition): void {
  const isQuery = condition.type === 'query';
  const key = isQuery ? queryKey(condition.name, condition.value) : condition.value;
  const filed = draft.filed.get(key) ?? [];
  draft.filed.set(key, filed);
  const conditions = isQuery ? candidate.conditions : candidate.conditions.filter((other) => other !== condition);
  filed.push({ ...candidate, conditions });
  draft.covered.add(candidate);
  draft.largest = Math.max(draft.largest, filed.length);
}

function spared(draft: Draft): number {
  return draft.covered.size - draft.largest;
}

function countQueryKeys(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { conditions } of candidates) {
    for (const condition of conditions) {
      if (condition.type !== 'query' || condition.expression !== undefined) continue;
      const key = queryKey(condition.name, condition.value);
      uses.set(key, (uses.get(key) ?? 0) + 1);
    }
  }
  return uses;
}

function rarestParam(candidate: Candidate, uses: ReadonlyMap<string, number>): Condition | undefined {
  let rarest: Condition | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const condition of candidate.conditions) {
    if (condition.type !== 'query' || condition.expression !== undefined) continue;
    const count = uses.get(queryKey(condition.name, condition.value)) ?? 0;
    if (count >= fewest) continue;
    rarest = condition;
    fewest = count;
  }
  return rarest;
}
