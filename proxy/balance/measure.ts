import type { Outlier } from './outlier.ts';

// How fast an old peak is forgotten while responses come; Finagle and Linkerd use 10 s as well.
const decayMs = 10_000;
// And how fast while nothing is asked of the endpoint. Nothing but its own next response can show that a peak is over, and
// of two endpoints the slower is never picked: one slow first response (a cold start) would keep it idle for a minute.
const idleDecayMs = 1000;
/** How a failed connection weighs: like a response that took this long. Nothing weighs more. */
const faultMs = 5000;
// A smaller share of failures counts as none.
const forgottenShare = 0.001;
// Over how long failures are counted against answers.
const failureDecayMs = 2000;
/** How an endpoint weighs that only fails: as if it took so much longer. With the square of the share, few weigh little. */
const failureMs = 1000;
// An endpoint that was never measured costs so much per outstanding request: tried first while idle, not flooded.
const unmeasuredMs = 1;

/** Hears of the same, to judge whether it should be used at all. */
type Judge = Pick<Outlier, 'good' | 'bad'>;

/**
 * What an endpoint has shown of itself: peak EWMA of the latency of its answers, where a slow one counts at once and fast
 * ones bring it down slowly (https://linkerd.io/2016/03/16/beyond-round-robin-load-balancing-for-latency/), and the share
 * of its answers that say that it failed. How fast it fails is no merit: only an answer lowers its latency. Milliseconds.
 */
export class Measure {
  private value = 0;
  /** Of the answers lately, 0 to 1. */
  private failures = 0;
  private updatedMs = Number.NEGATIVE_INFINITY;
  private countedMs = Number.NEGATIVE_INFINITY;
  private idleDecayMs = idleDecayMs;
  /** The last that came of it was no good; and it was asked again since. */
  private failing = false;
  private retried = false;
  private readonly judge: Judge | undefined;

  constructor(judge?: Judge) {
    this.judge = judge;
  }

  /** An answer took `latencyMs`, at the time `nowMs`. */
  answered(latencyMs: number, nowMs: number): void {
    this.judge?.good(nowMs - latencyMs, nowMs);
    this.idleDecayMs = idleDecayMs;
    this.failing = false;
    const kept = this.kept(decayMs, nowMs);
    if (this.failures > 0) this.count(0, nowMs);
    else this.countedMs = nowMs;
    this.value = latencyMs > this.value ? latencyMs : this.value * kept + latencyMs * (1 - kept);
    this.updatedMs = nowMs;
  }

  /** It answered that it failed (a status from 500 on). */
  failed(latencyMs: number, nowMs: number): void {
    this.miss(nowMs);
    this.count(1, nowMs);
    this.raise(latencyMs, nowMs);
  }

  /** It was given up after `waitedMs` without an answer, which would have taken at least that long. */
  unanswered(waitedMs: number, nowMs: number): void {
    if (waitedMs <= this.value * this.kept(decayMs, nowMs)) return;
    this.miss(nowMs);
    this.raise(waitedMs, nowMs);
  }

  /** The same for a caller that had set itself that time: nothing is known against the endpoint but how long it takes. */
  outwaited(waitedMs: number, nowMs: number): void {
    if (waitedMs > this.value * this.kept(decayMs, nowMs)) this.raise(waitedMs, nowMs);
  }

  /** It could not be reached, or broke off. */
  fault(nowMs: number): void {
    this.miss(nowMs);
    this.raise(faultMs, nowMs);
  }

  /** The endpoint, idle so far, is asked again: what was forgotten meanwhile does not come back. */
  wake(nowMs: number): void {
    const kept = this.kept(this.idleDecayMs, nowMs);
    this.value *= kept;
    this.failures *= kept;
    this.updatedMs = nowMs;
    this.retried = this.failing;
  }

  /**
   * What another request would cost there. What an idle endpoint has shown is forgotten within seconds, so that it is tried
   * again, and ever less often while that fails.
   */
  cost(nowMs: number, outstanding: number): number {
    const idle = outstanding === 0;
    const kept = this.kept(idle ? this.idleDecayMs : decayMs, nowMs);
    const latency = this.value * kept;
    const failures = idle ? this.failures * kept : this.failures;
    return (latency + failures * failures * failureMs + unmeasuredMs) * (outstanding + 1);
  }

  private miss(nowMs: number): void {
    this.judge?.bad(nowMs);
    if (this.failing && this.retried) this.idleDecayMs = Math.min(this.idleDecayMs * 2, decayMs);
    this.failing = true;
    this.retried = false;
  }

  private count(failure: 0 | 1, nowMs: number): void {
    const weight = 1 - Math.exp(-Math.max(0, nowMs - this.countedMs) / failureDecayMs);
    this.countedMs = nowMs;
    this.failures += (failure - this.failures) * weight;
    if (this.failures < forgottenShare) this.failures = 0;
  }

  private raise(latencyMs: number, nowMs: number): void {
    this.value = Math.max(this.value * this.kept(decayMs, nowMs), Math.min(latencyMs, faultMs));
    this.updatedMs = nowMs;
  }

  /** The part that is left at `nowMs` of what was known. */
  private kept(decay: number, nowMs: number): number {
    return Math.exp(-Math.max(0, nowMs - this.updatedMs) / decay);
  }
}
