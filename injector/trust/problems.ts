import { ApiError, isApiStatus } from '../../kubernetes/api.ts';
import type { Logger } from '../../runtime/log.ts';
import { reasonOf } from '../../runtime/reason.ts';

/** What fails again and again: told when it begins, every minute while it goes on, and when it works again. */
export type Problems = {
  /** The result, or undefined when the attempt failed. Never rejects. */
  attempt<T>(what: string, run: () => Promise<T>): Promise<T | undefined>;
  /** `: why`, or nothing while that part works. */
  of(what: string): string;
};

const remindMs = 60_000;

/**
 * Keeps the present problem of each part of the work. An API server that is away or overloaded fails all parts, which is
 * one problem and not several; it is over when every part has succeeded. `now` is in milliseconds.
 */
export function createProblems(log: Logger, now: () => number = () => performance.now()): Problems {
  const present = new Map<string, { readonly problem: string; readonly reason: string }>();
  const toldAt = new Map<string, number>();

  /** Whether a problem that was told ended with this part of it. */
  function solve(what: string): boolean {
    const problem = present.get(what)?.problem;
    present.delete(what);
    if (problem === undefined || [...present.values()].some((other) => other.problem === problem)) return false;
    return toldAt.delete(problem);
  }

  return {
    async attempt(what, run) {
      try {
        const result = await run();
        if (solve(what)) log.info({ what }, 'Works again');
        return result;
      } catch (error) {
        // Another replica was faster; the next round sees what it wrote.
        if (isApiStatus(error, 409)) return undefined;
        const problem = isOutage(error) ? '' : what;
        const reason = reasonOf(error);
        if (present.get(what)?.problem !== problem) solve(what);
        present.set(what, { problem, reason });
        const last = toldAt.get(problem);
        if (last === undefined || now() >= last + remindMs) {
          toldAt.set(problem, now());
          log.warn({ what, reason }, 'Failed: what is known keeps serving, it is tried again every few seconds');
        }
        return undefined;
      }
    },
    of(what) {
      const reason = present.get(what)?.reason;
      return reason === undefined ? '' : `: ${reason}`;
    },
  };
}

/** No answer at all, or one of a server that starts, is overloaded or has lost its etcd. */
function isOutage(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
}
