// How fast an old peak is forgotten while responses come; Finagle and Linkerd use 10 s as well.
const decayMs = 10_000;
// And how fast while nothing is asked of the endpoint. Nothing but its own next response can show that a peak is over, and
// of two endpoints the slower is never picked: one slow first response (a cold start) would keep it idle for a minute.
const idleDecayMs = 1000;
/** How a failed connection weighs: like a response that took this long. */
const faultMs = 5000;

/**
 * Peak EWMA of response latency: a slow response counts at once, fast ones bring it down slowly
 * (https://linkerd.io/2016/03/16/beyond-round-robin-load-balancing-for-latency/). Milliseconds throughout.
 */
export class PeakEwma {
  private value = 0;
  private updatedMs = 0;
  private idleDecayMs = idleDecayMs;
  /** The last that came of it was a fault; and it was asked again since. */
  private failing = false;
  private retried = false;

  /** A response took `latencyMs`, at the time `nowMs`. */
  observe(latencyMs: number, nowMs: number): void {
    this.idleDecayMs = idleDecayMs;
    this.failing = false;
    this.add(latencyMs, nowMs);
  }

  /** It could not be reached, or broke off: it is tried again within seconds, and ever less often while that fails. */
  fault(nowMs: number): void {
    if (this.failing && this.retried) this.idleDecayMs = Math.min(this.idleDecayMs * 2, decayMs);
    this.failing = true;
    this.retried = false;
    this.add(faultMs, nowMs);
  }

  /** The expected latency; that of an endpoint that is `idle` is forgotten within seconds, so that it is tried again. */
  at(nowMs: number, idle: boolean): number {
    return this.value * this.kept(idle ? this.idleDecayMs : decayMs, nowMs);
  }

  /** The endpoint, idle so far, is asked again: what was forgotten meanwhile does not come back. */
  wake(nowMs: number): void {
    this.value = this.at(nowMs, true);
    this.updatedMs = nowMs;
    this.retried = this.failing;
  }

  private add(latencyMs: number, nowMs: number): void {
    const kept = this.kept(decayMs, nowMs);
    this.value = latencyMs > this.value ? latencyMs : this.value * kept + latencyMs * (1 - kept);
    this.updatedMs = nowMs;
  }

  /** The part of the value that is left at `nowMs`. */
  private kept(decay: number, nowMs: number): number {
    return Math.exp(-Math.max(0, nowMs - this.updatedMs) / decay);
  }
}
