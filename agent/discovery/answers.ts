/** How a client has answered the resources of one type that it was sent. Whole milliseconds, which cost no memory of their own. */
export type Answers = {
  /** From the change, or from the question, until it was acknowledged; by name. */
  readonly tookMs: Map<string, number>;
  /** What it could not use, and why; it keeps what it had. */
  readonly rejected: Map<string, string>;
};

const shownReason = 1000;

export function createAnswers(): Answers {
  return { tookMs: new Map(), rejected: new Map() };
}

/** Takes the answer to a response; with a message it was refused. */
export function keepAnswer(
  { tookMs, rejected }: Answers,
  { names, sinceMs }: { readonly names: readonly string[]; readonly sinceMs: number },
  { nowMs, message }: { readonly nowMs: number; readonly message: string | undefined },
): void {
  const took = Math.round(nowMs - sinceMs);
  for (const name of names) {
    if (message === undefined) {
      tookMs.set(name, took);
      rejected.delete(name);
    } else rejected.set(name, message.slice(0, shownReason));
  }
}

/** The client does not ask for it any more. */
export function forgetAnswer({ tookMs, rejected }: Answers, name: string): void {
  tookMs.delete(name);
  rejected.delete(name);
}
