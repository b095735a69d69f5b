import { clock } from '../socket/clock.ts';
import type { CompiledRouting } from '../route/compile.ts';

/**
 * An original destination (`address:port`) that this pod has spoken to. `pending`: the agent has not said what it is;
 * `known`: a Service port; `unknown`: the agent does not know it, so connections pass through to it.
 */
export class Destination {
  state: 'pending' | 'known' | 'unknown' = 'pending';
  /** The last good routing; swapped whole. */
  compiled: CompiledRouting | undefined;
  /** A newer routing that waits for the endpoints of its backends, so that no request meets a backend without any. */
  staged: CompiledRouting | undefined;
  /** Open connections. */
  users = 0;
  lastUsedMs = clock.ms;
  private readonly waiters = new Set<() => void>();
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Calls back once the state is no longer pending, or after `timeoutMs`. */
  whenSettled(timeoutMs: number, callback: () => void): void {
    let called = false;
    const once = (): void => {
      if (called) return;
      called = true;
      clearTimeout(timer);
      this.waiters.delete(once);
      callback();
    };
    const timer = setTimeout(once, timeoutMs);
    this.waiters.add(once);
  }

  settle(state: 'known' | 'unknown', compiled: CompiledRouting | undefined): void {
    this.state = state;
    this.compiled = compiled;
    this.staged = undefined;
    for (const waiter of this.waiters) waiter();
  }
}
