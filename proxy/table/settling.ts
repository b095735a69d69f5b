import { waitForSilence } from '../socket/patience.ts';

/** The agent's word on something: who needs it is called back once it has come, or after a limited wait. */
export class Settling {
  settled = false;
  private readonly waiters = new Set<() => void>();

  /** Calls back once it has come, or after `timeoutMs`. */
  whenSettled(timeoutMs: number, callback: () => void): void {
    const once = (): void => {
      if (!this.waiters.delete(once)) return;
      stopWaiting();
      callback();
    };
    const stopWaiting = waitForSilence(timeoutMs, once);
    this.waiters.add(once);
  }

  settle(): void {
    this.settled = true;
    for (const waiter of this.waiters) waiter();
  }
}
