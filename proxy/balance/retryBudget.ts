const windowMs = 10_000;
/** Of the requests of a window; Finagle's and Linkerd's default, as the floor is. */
const share = 0.2;
/** Whatever there are of requests, so that a client with few of them has its retries. */
const floor = (windowMs / 1000) * 10;

/**
 * Bounds how often requests to one backend are sent again, whatever for: to a fifth of the requests of the last ten seconds
 * and 100 besides (ten a second), so that an outage is met by a fifth more requests, not by a multiple of them
 * (https://finagle.github.io/blog/2016/02/08/retry-budgets/). Two windows are counted, and of the last one as much as still
 * lies within ten seconds.
 */
export class RetryBudget {
  private requests = 0;
  private retries = 0;
  private lastRequests = 0;
  private lastRetries = 0;
  private endsMs = Number.NEGATIVE_INFINITY;

  /** There is a request that might be sent again. */
  note(nowMs: number): void {
    if (nowMs >= this.endsMs) this.turn(nowMs);
    this.requests++;
  }

  /** One more may be sent again. */
  hasLeft(nowMs: number): boolean {
    if (nowMs >= this.endsMs) this.turn(nowMs);
    const kept = Math.min(1, (this.endsMs - nowMs) / windowMs);
    const requests = this.requests + this.lastRequests * kept;
    const retries = this.retries + this.lastRetries * kept;
    return retries + 1 <= requests * share + floor;
  }

  /** One is sent again. */
  spend(): void {
    this.retries++;
  }

  private turn(nowMs: number): void {
    const isNext = nowMs < this.endsMs + windowMs;
    this.lastRequests = isNext ? this.requests : 0;
    this.lastRetries = isNext ? this.retries : 0;
    this.requests = 0;
    this.retries = 0;
    this.endsMs = isNext ? this.endsMs + windowMs : nowMs + windowMs;
  }
}
