import type { BenchGround } from '../ground.ts';

/** A proxy under measurement. */
export type Running = {
  readonly pid: number;
  /** Where the load connects; redirected to the proxy. */
  readonly address: string;
  readonly port: number;
};

/** A proxy that may take part in a row; `needs` are programs, each with the package that has it. */
export type Candidate = {
  readonly name: string;
  readonly needs: Readonly<Record<string, string>>;
  /** The ground's end is the candidate's end. */
  start(ground: BenchGround): Promise<Running>;
};
