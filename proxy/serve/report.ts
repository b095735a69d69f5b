import type { Report } from '../exchange/context.ts';
import type { AccessEntry } from '../observe/accessLog.ts';

/** Counts each request that ended, and has its line written by `write`. */
export function createReport(write: (entry: AccessEntry) => void): Report {
  return (entry, metrics) => {
    metrics?.observe(entry);
    write(entry);
  };
}
