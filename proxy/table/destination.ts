import type { CompiledRouting } from '../route/compile.ts';
import { Settling } from './settling.ts';

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
  // Not clock.ts's time, which stands still while nothing happens.
  private lastUsedMs = performance.now();
  private readonly settling = new Settling();
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** A connection to it is open from now on. */
  begin(): void {
    this.users++;
  }

  end(): void {
    this.users--;
    this.touch();
  }

  /** Somebody asked for it. */
  touch(): void {
    this.lastUsedMs = performance.now();
  }

  /** Whether no connection has been open for so long. */
  isUnused(forMs: number): boolean {
    return this.users === 0 && performance.now() - this.lastUsedMs >= forMs;
  }

  /** Calls back once the state is no longer pending, or after `timeoutMs`. */
  whenSettled(timeoutMs: number, callback: () => void): void {
    this.settling.whenSettled(timeoutMs, callback);
  }

  settle(state: 'known' | 'unknown', compiled: CompiledRouting | undefined): void {
    this.state = state;
    this.compiled = compiled;
    this.staged = undefined;
    this.settling.settle();
  }
}
