import type { ExecutionContext } from 'ava';

const lookEveryMs = 5;
const mostTries = 10;

/**
 * Runs what can only be judged while the machine lets this thread run, because the limit is the promise under test: a
 * round in which the thread stood still for `pauseMs` is no evidence either way and is taken again, before anybody looks
 * at how it went. The first round without such a pause counts, or the tenth.
 */
export async function undisturbed(
  t: ExecutionContext,
  pauseMs: number,
  round: (t: ExecutionContext) => Promise<void>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const pauses = watchPauses();
    const attempt = await t.try(round);
    if (pauses.end() < pauseMs || tries === mostTries) return attempt.commit();
    t.log(`round ${tries} was held up for ${Math.round(pauses.end())} ms: taken again`);
    attempt.discard();
  }
}

/** `end` tells the longest time for which no timer of this thread could fire since the start. */
function watchPauses(): { end(): number } {
  let longest = 0;
  let last = performance.now();
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last - lookEveryMs);
    last = now;
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    end() {
      clearInterval(timer);
      look();
      return longest;
    },
  };
}
