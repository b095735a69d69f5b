import type { EndpointPolicy } from '../../routing/model.ts';

/** Where an endpoint stands: among the others, left out for a while, or on trial behind that. */
export type OutlierState = 'In' | 'Ejected' | 'Probation';

/** Envoy's default for consecutive_5xx; a pod that fails now and then stays, and gets less by its measure. */
const defaultFailures = 5;
const defaultEjectionMs = 10_000;
const longestEjectionMs = 60_000;
// One that has been good for so long begins anew.
const forgottenMs = 300_000;

/**
 * Whether an endpoint is an outlier: after failures with no answer between them it is ejected, for twice as long each time;
 * then one request at a time finds out whether it is back. Who uses it decides whether it may be left out (group.ts).
 * Milliseconds; `random` gives numbers in [0, 1).
 */
export class Outlier {
  state: OutlierState = 'In';
  /** When it was ejected last, and until when. */
  ejectedMs = 0;
  untilMs = 0;
  /** Failures since its last answer. */
  failures = 0;
  /** Whether it is one of several, or may be: what cannot be left out is not judged. */
  counts = false;
  private mostFailures = defaultFailures;
  private firstEjectionMs = defaultEjectionMs;
  private ejections = 0;
  private backMs = Number.NEGATIVE_INFINITY;
  private readonly random: () => number;
  private readonly onChange: () => void;

  constructor(random: () => number, onChange: () => void) {
    this.random = random;
    this.onChange = onChange;
  }

  /** What is wanted instead of the defaults; with no failures (0) it is never ejected, and is back if it was. */
  setPolicy({ outlierFailures = defaultFailures, outlierEjectionMs = defaultEjectionMs }: EndpointPolicy): void {
    this.mostFailures = outlierFailures === 0 ? Infinity : outlierFailures;
    this.firstEjectionMs = outlierEjectionMs;
    if (outlierFailures > 0 || this.state === 'In') return;
    this.failures = 0;
    this.state = 'In';
    this.onChange();
  }

  /** It has answered what it was asked at the time `askedMs`. */
  good(askedMs: number, nowMs: number): void {
    if (this.failures === 0) return;
    // What was on its way when it was ejected proves nothing.
    if (this.state === 'Ejected' && askedMs <= this.ejectedMs) return;
    this.failures = 0;
    if (this.state === 'In') return;
    this.state = 'In';
    this.backMs = nowMs;
    this.onChange();
  }

  /** It has failed: could not be reached, broke off, was given up, or said so itself. */
  bad(nowMs: number): void {
    if (!this.counts) return;
    this.failures++;
    if (this.state === 'Probation' || (this.state === 'In' && this.failures >= this.mostFailures)) this.eject(nowMs);
  }

  private eject(nowMs: number): void {
    this.ejections = this.state === 'In' && nowMs - this.backMs > forgottenMs ? 1 : this.ejections + 1;
    const first = this.firstEjectionMs;
    const longest = Math.min(first * 2 ** (this.ejections - 1), Math.max(first, longestEjectionMs));
    // The sidecars of many clients have seen the same: they do not come back together.
    const forMs = longest * (0.8 + 0.4 * this.random());
    this.state = 'Ejected';
    this.ejectedMs = nowMs;
    this.untilMs = nowMs + forMs;
    this.onChange();
  }

  /** Its time is over: it is tried again. */
  admit(): void {
    if (this.state !== 'Ejected') return;
    this.state = 'Probation';
    this.onChange();
  }
}
