import { readdir, readFile } from 'node:fs/promises';

/** CPU time that a process has used, all threads, user and system, in microseconds. Throws when it is gone. */
export async function cpuMicros(pid: number): Promise<number> {
  let nanos = 0;
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
    nanos += Number(text.split(' ')[0]);
  }
  return nanos / 1000;
}

/** Resident memory of a process in MB (2^20 bytes), shared pages such as the program's own included. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** What running `work` cost a process; `megabytes`: its resident memory every 200 ms meanwhile. */
export type Cost = { readonly cpuMicros: number; readonly megabytes: readonly number[]; readonly seconds: number };

/** Measures a process while `work` runs. */
export async function measure<T>(pid: number, work: () => Promise<T>): Promise<Cost & { readonly result: T }> {
  const megabytes: number[] = [];
  const sample = async (): Promise<void> => {
    megabytes.push(await residentMegabytes(pid));
  };
  const timer = setInterval(() => void sample().catch(() => {}), 200);
  try {
    const before = await cpuMicros(pid);
    const started = performance.now();
    const result = await work();
    const seconds = (performance.now() - started) / 1000;
    const after = await cpuMicros(pid);
    await sample();
    return { cpuMicros: after - before, megabytes, seconds, result };
  } finally {
    clearInterval(timer);
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
