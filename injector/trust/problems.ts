import { isApiStatus } from '../../kubernetes/api.ts';
import type { Logger } from '../../runtime/log.ts';

/** What fails again and again, logged once per message, and once more when it works. */
export type Problems = {
  /** The result, or undefined when the attempt failed. Never rejects. */
  attempt<T>(what: string, run: () => Promise<T>): Promise<T | undefined>;
  /** `: why`, or nothing while that part works. */
  of(what: string): string;
};

/** Keeps the present problem of each part of the work. */
export function createProblems(log: Logger): Problems {
  const present = new Map<string, string>();
  return {
    async attempt(what, run) {
      try {
        const result = await run();
        if (present.delete(what)) log.info({ what }, 'Works again');
        return result;
      } catch (error) {
        // Another replica was faster; the next round sees what it wrote.
        if (isApiStatus(error, 409)) return undefined;
        const reason = error instanceof Error ? error.message : String(error);
        if (present.get(what) !== reason) log.error({ what, error }, 'Failed; it is tried again every few seconds');
        present.set(what, reason);
        return undefined;
      }
    },
    of(what) {
      const reason = present.get(what);
      return reason === undefined ? '' : `: ${reason}`;
    },
  };
}
