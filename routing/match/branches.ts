import type { Candidate } from './candidate.ts';
import type { Predicate } from './predicates.ts';

/**
 * Candidates that one lookup tells apart, each filed under one predicate of its own. A method or header is filed by
 * its value and that predicate is taken off the candidate; query parameters of all names share one branch, are filed
 * by `queryKey` and stay to be checked.
 */
export type Branch = {
  readonly type: Predicate['type'];
  /** Of the header; otherwise empty. */
  readonly name: string;
  readonly filed: ReadonlyMap<string, readonly Candidate[]>;
};

/** The branches of candidates (lowest rank first), and those candidates that no lookup would tell apart. */
export function branchOut(candidates: readonly Candidate[]): {
  readonly branches: readonly Branch[];
  readonly rest: readonly Candidate[];
} {
  const branches: Branch[] = [];
  const left = new Set(candidates);
  for (const draft of draftsOf(candidates)) {
    if (left.size <= maxScanned) break;
    const uses = draft.uses.filter(({ candidate }) => left.has(candidate));
    if (spared(uses) === 0) continue;
    branches.push({ type: draft.type, name: draft.name, filed: file(uses) });
    for (const { candidate } of uses) left.delete(candidate);
  }
  return { branches, rest: [...left] };
}

/** What a query parameter is filed under; two parameters may share a key. */
export function queryKey(name: string, value: string): string {
  return `${name}=${value}`;
}

/** So few candidates are faster tried one by one. */
const maxScanned = 3;

type Use = { readonly candidate: Candidate; readonly predicate: Predicate };
type Draft = { readonly type: Predicate['type']; readonly name: string; readonly uses: Use[] };

/** Every possible branch with all candidates that it could hold, the one that spares most first. */
function draftsOf(candidates: readonly Candidate[]): Draft[] {
  const drafts = new Map<string, Draft>();
  const add = (type: Predicate['type'], name: string, use: Use) => {
    const key = `${type} ${name}`;
    const draft = drafts.get(key);
    if (draft === undefined) drafts.set(key, { type, name, uses: [use] });
    else draft.uses.push(use);
  };
  const queryUses = countQueryKeys(candidates);
  for (const candidate of candidates) {
    for (const predicate of candidate.predicates) {
      if (predicate.type === 'query' || predicate.expression !== undefined) continue;
      add(predicate.type, predicate.name, { candidate, predicate });
    }
    const rarest = rarestParam(candidate, queryUses);
    if (rarest !== undefined) add('query', '', { candidate, predicate: rarest });
  }
  const ranked = Array.from(drafts.values(), (draft) => ({ draft, spared: spared(draft.uses) }));
  return ranked.sort((a, b) => b.spared - a.spared).map(({ draft }) => draft);
}

/** How many candidates a lookup passes over for certain. */
function spared(uses: readonly Use[]): number {
  const counts = new Map<string, number>();
  let largest = 0;
  for (const { predicate } of uses) largest = Math.max(largest, countUp(counts, keyOf(predicate)));
  return uses.length - largest;
}

function file(uses: readonly Use[]): Map<string, Candidate[]> {
  const filed = new Map<string, Candidate[]>();
  for (const { candidate, predicate } of uses) {
    const key = keyOf(predicate);
    const group = filed.get(key) ?? [];
    filed.set(key, group);
    if (predicate.type === 'query') group.push(candidate);
    else group.push({ ...candidate, predicates: candidate.predicates.filter((other) => other !== predicate) });
  }
  return filed;
}

function keyOf({ type, name, value }: Predicate): string {
  return type === 'query' ? queryKey(name, value) : value;
}

function countQueryKeys(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { predicates } of candidates) {
    for (const predicate of predicates) if (isQueryKey(predicate)) countUp(counts, keyOf(predicate));
  }
  return counts;
}

function rarestParam({ predicates }: Candidate, counts: ReadonlyMap<string, number>): Predicate | undefined {
  let rarest: Predicate | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const predicate of predicates) {
    const count = isQueryKey(predicate) ? (counts.get(keyOf(predicate)) ?? 0) : fewest;
    if (count >= fewest) continue;
    rarest = predicate;
    fewest = count;
  }
  return rarest;
}

function isQueryKey({ type, expression }: Predicate): boolean {
  return type === 'query' && expression === undefined;
}

function countUp(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}
