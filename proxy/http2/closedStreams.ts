/** How a stream was closed that frames still come for. */
export type Closed = 'whole' | 'by us' | 'by the peer' | 'skipped';

const most = 128;

/**
 * What is remembered of streams that are closed: of the last that were reset, by whom, and which identifiers were passed
 * over. Of all others it is enough that they were there once.
 */
export class ClosedStreams {
  private readonly resets = new Map<number, 'by us' | 'by the peer'>();
  /** Up to here it is not known any more which of them were reset: frames for them may still be on their way. */
  private forgottenUpTo = 0;
  /** Ends of gaps in the identifiers, each behind its start. */
  private readonly gaps: number[] = [];

  reset(id: number, by: 'by us' | 'by the peer'): void {
    this.resets.set(id, by);
    if (this.resets.size <= most) return;
    for (const oldest of this.resets.keys()) {
      this.resets.delete(oldest);
      this.forgottenUpTo = Math.max(this.forgottenUpTo, oldest);
      return;
    }
  }

  /** `id` follows `last`: what lies between can never be opened. */
  opened(id: number, last: number): void {
    if (id === last + 2 || (last === 0 && id === 1)) return;
    this.gaps.push(last, id);
    if (this.gaps.length > most) this.gaps.splice(0, 2);
  }

  /** Of a stream that was or could have been opened, and is not open. */
  how(id: number): Closed {
    const reset = this.resets.get(id);
    if (reset !== undefined) return reset;
    for (let at = 0; at < this.gaps.length; at += 2)
      if (id > (this.gaps[at] ?? 0) && id < (this.gaps[at + 1] ?? 0)) return 'skipped';
    return id <= this.forgottenUpTo ? 'by us' : 'whole';
  }
}
