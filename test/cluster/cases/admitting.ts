import { setTimeout as sleep } from 'node:timers/promises';
import { gated, type MeshPod, submit } from './admission.ts';

/**
 * Asks for the admission of pods, one after another and without creating them, until `end` is called, which gives how
 * many there were and what went wrong: refused, or admitted without a sidecar.
 */
export function keepAdmitting(namespace: string): {
  readonly end: () => Promise<{ readonly count: number; readonly failures: readonly string[] }>;
} {
  const failures: string[] = [];
  let count = 0;
  const over = new AbortController();
  const done = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      count++;
      try {
        const { spec }: MeshPod = await submit(gated(namespace, `admitted-${count}`), '--dry-run=server');
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
