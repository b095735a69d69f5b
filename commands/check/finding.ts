/** How things stand with one thing that was looked at. */
export type Level = 'good' | 'warning' | 'bad';

/** One line of `heddle check`, with why and what mends it where it is not good. */
export type Finding = {
  /** What was looked at, in a word or two; a script can go by it. */
  readonly check: string;
  readonly level: Level;
  readonly what: string;
  readonly why?: string;
  /** Commands, or a sentence where none can be named. */
  readonly mend?: readonly string[];
};

/** A finding that needs no more words. */
export function good(check: string, what: string): Finding {
  return { check, level: 'good', what };
}
