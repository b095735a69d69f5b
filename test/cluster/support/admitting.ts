import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { gated, submit } from './admission.ts';

/**
 * Asks for the admission of pods, one after another and without creating them, until `end` is called, which gives how
 * many there were and what went wrong: refused, or admitted without a sidecar. It ends with the test at the latest: a
 * test that fails before would otherwise keep its file from ending.
 */
export function keepAdmitting(
  t: ExecutionContext,
  namespace: string,
): {
  readonly end: () => Promise<{ readonly count: number; readonly failures: readonly string[] }>;
} {
  const failures: string[] = [];
  let count = 0;
  const over = new AbortController();
  t.teardown(() => over.abort());
  const done = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      count++;
      try {
        const { spec } = await submit(gated(namespace, `admitted-${count}`), '--dry-run=server');
        if (spec.initContainers?.[1]?.name !== 'heddle-sidecar') failures.push('admitted without a sidecar');
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
      await sleep(100);
    }
  })();
  return {
    async end() {
      over.abort();
      await done;
      return { count, failures };
    },
  };
}
