import type { Timeouts } from '../../routing/model.ts';
import { clock } from '../socket/clock.ts';

/** Who hears that a time is over, at most once of each. */
export interface TimedOwner {
  onRequestTimeout(timeoutMs: number): void;
  onTryTimeout(timeoutMs: number): void;
}

/**
 * The timeouts of a rule for one request: exact timers, made only where a rule has them
 * (https://gateway-api.sigs.k8s.io/geps/gep-1742/). `request` runs from the start, `backendRequest` while a try does.
 */
export class RuleTimers {
  private ofRequest: NodeJS.Timeout | undefined;
  private ofTry: NodeJS.Timeout | undefined;
  private readonly owner: TimedOwner;
  private readonly timeouts: Timeouts;

  constructor(owner: TimedOwner, timeouts: Timeouts) {
    this.owner = owner;
    this.timeouts = timeouts;
    const { requestMs } = timeouts;
    if (requestMs === undefined) return;
    const timer = setTimeout(() => setImmediate(() => this.endRequest(timer, requestMs)), requestMs);
    this.ofRequest = timer;
  }

  /** A try begins; that of the one before is over. */
  startTry(): void {
    const { backendRequestMs } = this.timeouts;
    if (backendRequestMs === undefined) return;
    clearTimeout(this.ofTry);
    const timer = setTimeout(() => setImmediate(() => this.endTry(timer, backendRequestMs)), backendRequestMs);
    this.ofTry = timer;
  }

  /** The try is over, and another begins after a while. */
  stopTry(): void {
    clearTimeout(this.ofTry);
    this.ofTry = undefined;
  }

  /** Nothing is bound in time any more. */
  stop(): void {
    clearTimeout(this.ofRequest);
    this.ofRequest = undefined;
    this.stopTry();
  }

  // Both are called after a turn of reading, as in deadlines.ts: after a standstill what has come in time is read first.
  private endRequest(timer: NodeJS.Timeout, timeoutMs: number): void {
    if (this.ofRequest !== timer) return;
    this.stop();
    clock.ms = performance.now();
    this.owner.onRequestTimeout(timeoutMs);
  }

  private endTry(timer: NodeJS.Timeout, timeoutMs: number): void {
    if (this.ofTry !== timer) return;
    this.stopTry();
    clock.ms = performance.now();
    this.owner.onTryTimeout(timeoutMs);
  }
}
