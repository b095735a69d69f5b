/** A lost agent, or its neighbour, is usually back before that. */
const reconnectMs = 2000;

/** What may be expected of the agent, from when it was there. Times in milliseconds of one monotonic clock. */
export class Presence {
  /** The agent answers. */
  connected = false;
  private answered = false;
  private lostMs = Number.NEGATIVE_INFINITY;
  private readonly startWaitMs: number;
  private readonly startedMs: number;
  private readonly now: () => number;

  constructor(startWaitMs: number, now = (): number => performance.now()) {
    this.startWaitMs = startWaitMs;
    this.now = now;
    this.startedMs = now();
  }

  onConnected(): void {
    this.connected = true;
    this.answered = true;
  }

  onLost(): void {
    if (this.connected) this.lostMs = this.now();
    this.connected = false;
  }

  /** Whether it is worth waiting for the agent: it is there, was lost just now, or the start is not over. */
  get mayAnswer(): boolean {
    return this.connected || this.isStarting || this.now() - this.lostMs < reconnectMs;
  }

  /** Ready once the agent has answered, or after a bounded wait: then traffic passes through until it does. */
  get ready(): boolean {
    return this.answered || !this.isStarting;
  }

  private get isStarting(): boolean {
    return this.now() - this.startedMs < this.startWaitMs;
  }
}
