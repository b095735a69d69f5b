import { finish } from './outcome.ts';

/** Requests until this program is compiled; they are sent as well, and not counted. */
const warmUpMs = 1000;

/**
 * Requests that are due at even intervals, whatever became of those before. Each is timed from when it was due, so that a
 * stall is seen by all that it delayed (no coordinated omission). Once all are answered, it prints how long they took and ends
 * the program.
 */
export class EvenLoad {
  private readonly intervalMs: number;
  private readonly took: Float64Array;
  private startedMs = 0;
  private sent = 0;
  private answered = 0;

  constructor(rate: number, seconds: number) {
    this.intervalMs = 1000 / rate;
    this.took = new Float64Array(Math.round((warmUpMs + seconds * 1000) / this.intervalMs));
  }

  /** Has each request sent when it is due, by its number. It never sleeps: timers of 1 ms would be most of what is measured. */
  run(send: (request: number) => void): void {
    this.startedMs = performance.now() + this.intervalMs;
    const turn = (): void => {
      while (this.sent < this.took.length && this.dueMs(this.sent) <= performance.now()) send(this.sent++);
      setImmediate(turn);
    };
    turn();
  }

  /** The answer to a request has come. */
  noteAnswer(request: number): void {
    this.took[request] = performance.now() - this.dueMs(request);
    if (++this.answered === this.took.length) this.finish();
  }

  private dueMs(request: number): number {
    return this.startedMs + request * this.intervalMs;
  }

  private finish(): never {
    const counted = this.took.subarray(Math.round(warmUpMs / this.intervalMs)).toSorted();
    const at = (share: number): number => counted[Math.floor(counted.length * share)] ?? Number.NaN;
    finish(JSON.stringify({ amount: this.took.length, p50: at(0.5), p99: at(0.99) }));
  }
}
