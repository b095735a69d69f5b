import type { Affinity } from './affinity.ts';
import { type Load, pick } from './pick.ts';

/** What is chosen from: the endpoints for each address family, and whom the client stays with, if it has to. */
export type Choices<E> = {
  candidates(family: 4 | 6): readonly E[];
  readonly affinity: Affinity<E> | undefined;
};

/** The endpoint for a new request or connection to an address of this family; undefined when there is none. */
export function choose<E extends Load>(
  choices: Choices<E>,
  family: 4 | 6,
  nowMs: number,
  random: () => number,
): E | undefined {
  const candidates = choices.candidates(family);
  const { affinity } = choices;
  if (affinity === undefined) return pick(candidates, nowMs, random);
  return affinity.choose(family, { candidates, nowMs, pick: () => pick(candidates, nowMs, random) });
}
