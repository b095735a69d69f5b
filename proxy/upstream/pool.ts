import type { ConnectionLimits, ConnectionWaiter, Dial } from './connections.ts';
import type { Idle } from './idle.ts';
import type { Places, Sharing } from './places.ts';

/** What pools of every protocol have: a share in the places of their endpoint, and requests that wait for a connection. */
export abstract class Pool implements Sharing {
  /** How many are open or being opened. */
  open = 0;
  protected readonly waiters: ConnectionWaiter[] = [];
  protected retired = false;
  protected readonly dial: Dial;
  protected readonly limits: ConnectionLimits;
  protected readonly places: Places;

  constructor(dial: Dial, places: Places, limits: ConnectionLimits) {
    this.dial = dial;
    this.places = places;
    this.limits = limits;
    places.add(this);
  }

  abstract get taken(): number;
  abstract longestIdle(): Idle | undefined;
  abstract serveWaiting(): void;

  /** Another connection may be opened. */
  protected mayOpen(): boolean {
    return this.places.mayOpen(this, this.limits.maxConnections);
  }

  wait(waiter: ConnectionWaiter): boolean {
    if (!this.places.mayWait(this.limits.maxWaiting)) return false;
    this.places.waiting++;
    this.waiters.push(waiter);
    return true;
  }

  /** The one that has waited for longest, which waits no more. */
  protected nextWaiter(): ConnectionWaiter | undefined {
    const waiter = this.waiters.shift();
    if (waiter !== undefined) this.places.waiting--;
    return waiter;
  }

  stopWaiting(waiter: ConnectionWaiter): void {
    const at = this.waiters.indexOf(waiter);
    if (at < 0) return;
    this.waiters.splice(at, 1);
    this.places.waiting--;
  }
}
