import { ApiError } from '../../kubernetes/api.ts';

const firstWaitMs = 10_000;
const longestWaitMs = 600_000;

type Refusal = { readonly error: unknown; readonly failures: number; readonly until: number };

/**
 * Namespaces that refuse what is written there (a quota, a policy): each is tried again after ever longer times, by itself,
 * and costs no other one anything. What failed because the API server is away is tried in the next round.
 */
export class Refusals {
  readonly #all = new Map<string, Refusal>();

  note(namespace: string, error: unknown, now: number): void {
    const failures = (this.#all.get(namespace)?.failures ?? 0) + 1;
    const isRefused = error instanceof ApiError && error.status < 500 && error.status !== 429;
    const waitMs = isRefused ? Math.min(firstWaitMs * 2 ** Math.min(failures - 1, 10), longestWaitMs) : 0;
    this.#all.set(namespace, { error, failures, until: now + waitMs });
  }

  forget(namespace: string): void {
    this.#all.delete(namespace);
  }

  /** Whether it is too early to try it again. */
  holds(namespace: string, now: number): boolean {
    return now < (this.#all.get(namespace)?.until ?? 0);
  }

  /** Forgets namespaces that need nothing any more. */
  keepOnly(needed: ReadonlySet<string>): void {
    for (const namespace of this.#all.keys()) if (!needed.has(namespace)) this.#all.delete(namespace);
  }

  /** Of one of them, if there is any. */
  get error(): unknown {
    const [first] = this.#all.values();
    return first?.error;
  }
}
