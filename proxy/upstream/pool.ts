import type { ConnectionLimits, ConnectionWaiter, Dial, OwnLimits } from './connections.ts';

/** What pools of every protocol have: limits, those of their endpoint's Services too, and requests that wait for a connection. */
export abstract class Pool {
  /** How many are open or being opened. */
  open = 0;
  protected readonly waiters: ConnectionWaiter[] = [];
  protected retired = false;
  protected readonly dial: Dial;
  protected readonly limits: ConnectionLimits;
  protected maxConnections: number;
  private maxWaiting: number;

  constructor(dial: Dial, limits: ConnectionLimits) {
    this.dial = dial;
    this.limits = limits;
    this.maxConnections = limits.maxConnections;
    this.maxWaiting = limits.maxWaiting;
  }

  /** Gives those that wait what there is, or may be now. */
  protected abstract serveWaiting(): void;

  limit({ maxConnections, maxWaitingRequests }: OwnLimits): void {
    this.maxConnections = maxConnections ?? this.limits.maxConnections;
    this.maxWaiting = maxWaitingRequests ?? this.limits.maxWaiting;
    this.serveWaiting();
  }

  wait(waiter: ConnectionWaiter): boolean {
    if (this.waiters.length >= this.maxWaiting) return false;
    this.waiters.push(waiter);
    return true;
  }

  stopWaiting(waiter: ConnectionWaiter): void {
    const at = this.waiters.indexOf(waiter);
    if (at >= 0) this.waiters.splice(at, 1);
  }
}
