import { styleText } from 'node:util';

/** Prints one line of progress: what, and how it stands. */
export function say(what: string, how: string): void {
  console.error(`${styleText('bold', what.padEnd(24))} ${how}`);
}

/** Does a step and prints its line when it is done: `how` with the seconds it took. A failure names the step. */
export async function step<Result>(what: string, how: string, act: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  try {
    const result = await act();
    say(what, `${how} after ${seconds(startedAt)}`);
    return result;
  } catch (error) {
    say(what, styleText('red', `failed after ${seconds(startedAt)}`));
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Seconds since a time of `performance.now()`, as `1.4 s`. */
export function seconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

/** Waits until `check` says true, asking every `everyMs`. Throws after `timeoutMs` with what was awaited. */
export async function waitUntil(what: string, timeoutMs: number, check: () => Promise<boolean>, everyMs = 100) {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Asks every 20 ms until the answer satisfies, and gives it. Throws after `timeoutMs` with what was awaited and the last. */
export async function eventually<Value>(
  what: string,
  ask: () => Promise<Value> | Value,
  good: (value: Value) => boolean,
  timeoutMs = 60_000,
): Promise<Value> {
  let value: Value | undefined;
  const look = async (): Promise<boolean> => good((value = await ask()));
  await waitUntil(what, timeoutMs, look, 20).catch((error: unknown) => {
    throw new Error(`${String(error)}; last: ${JSON.stringify(value)}`, { cause: error });
  });
  return value as Value;
}
