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

/** The first few of many names. */
export function some(names: readonly string[], most = 5): string {
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** `1 pod`, `2 pods`. */
export function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
