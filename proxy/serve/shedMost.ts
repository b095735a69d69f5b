import type { Served } from './served.ts';

/** Shed down to this part of the limit, so that not every further byte begins it anew. */
const shedTo = 0.9;

/** What one connection has of what is bounded in all, in bytes. */
export type Holder = { readonly bytes: number; readonly served: Pick<Served, 'shed'> };

/** Of those who have `total` together refuses who have most, until what the others have is within `limitBytes`. */
export function shedMost(holders: readonly Holder[], total: number, limitBytes: number): void {
  let left = total;
  for (const { bytes, served } of holders.toSorted((one, other) => other.bytes - one.bytes)) {
    if (left <= limitBytes * shedTo) return;
    left -= bytes;
    served.shed();
  }
}
