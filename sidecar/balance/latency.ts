// How fast an old peak is forgotten; Finagle and Linkerd use 10 s as well.
const decayMs = 10_000;

/**
 * Peak EWMA of response latency: a slow response counts at once, fast ones bring it down slowly
 * (https://linkerd.io/2016/03/16/beyond-round-robin-load-balancing-for-latency/). Milliseconds throughout.
 */
export class PeakEwma {
  private value = 0;
  private updatedMs = 0;

  /** A response took `latencyMs`, at the time `nowMs`. */
  observe(latencyMs: number, nowMs: number): void {
    const kept = Math.exp(-Math.max(0, nowMs - this.updatedMs) / decayMs);
    this.value = latencyMs > this.value ? latencyMs : this.value * kept + latencyMs * (1 - kept);
    this.updatedMs = nowMs;
  }

  /** The expected latency; an idle endpoint's old peak has decayed, so that it is tried again. */
  at(nowMs: number): number {
    return this.value * Math.exp(-Math.max(0, nowMs - this.updatedMs) / decayMs);
  }
}
