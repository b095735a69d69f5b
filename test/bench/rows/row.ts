import type { Candidate, Running } from '../candidates/candidate.ts';
import type { BackendName, BenchGround } from '../ground.ts';

/** One line of work, and who does it. */
export type Row = {
  readonly title: string;
  readonly unit: string;
  readonly backends: readonly BackendName[];
  /** What the others are compared with: the least of these. */
  readonly reference: readonly string[];
  /** How: as a ratio, or by how much more it costs. */
  readonly compare: 'ratio' | 'difference';
  /** What is wanted of ours, and above what it is not done. */
  readonly aim: string;
  readonly candidates: readonly Candidate[];
  readonly drive: (ground: BenchGround, running: Running, seconds: number) => Promise<Work>;
  /** CPU time in `unit` per unit of work. */
  readonly per: (cpuMicros: number, work: Work) => number;
  /** Why a candidate cannot do this work, once it runs. */
  readonly refuses?: (ground: BenchGround, running: Running) => Promise<string | undefined>;
};

/** How much was done: requests, or bytes. In ms, where they were timed one by one: how long requests took. */
export type Work = { readonly amount: number; readonly latency?: Latency };
export type Latency = { readonly p50: number; readonly p99: number };

/** CPU time of a request. */
export function perRequest(cpuMicros: number, { amount }: Work): number {
  return cpuMicros / amount;
}
