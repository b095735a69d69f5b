import type { Flag } from './flags.ts';

/** Upper bounds of the duration buckets, in seconds. */
export const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Durations by bucket, not cumulative; the last bucket is what exceeds every bound. */
export class Durations {
  readonly counts = new Float64Array(durationBounds.length + 1);
  sumSeconds = 0;

  add(durationMs: number): void {
    const seconds = durationMs / 1000;
    let bucket = 0;
    // A comparison with undefined is false: the search ends behind the last bound.
    while (seconds > (durationBounds[bucket] ?? Infinity)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sumSeconds += seconds;
  }
}

export type StatusCount = { readonly status: number; readonly flag: Flag | undefined; count: number };

/** Responses by status and flag. */
export class Statuses {
  readonly #counts: StatusCount[] = [];
  #last: StatusCount = { status: -1, flag: undefined, count: 0 };

  /** 600 and above, which no standard knows and a server may make up, count as one. */
  add(given: number, flag: Flag | undefined): void {
    const status = given < 600 ? given : 600;
    if (this.#last.status !== status || this.#last.flag !== flag) this.#last = this.#find(status, flag);
    this.#last.count++;
  }

  all(): readonly StatusCount[] {
    return this.#counts;
  }

  #find(status: number, flag: Flag | undefined): StatusCount {
    const found = this.#counts.find((known) => known.status === status && known.flag === flag);
    if (found !== undefined) return found;
    const made = { status, flag, count: 0 };
    this.#counts.push(made);
    return made;
  }
}

/** Bodies of requests and responses, in bytes. */
export class Bytes {
  received = 0;
  sent = 0;

  add(received: number, sent: number): void {
    this.received += received;
    this.sent += sent;
  }
}

/** Connections by how they ended. */
export class Connections {
  open = 0;
  readonly ended = new Statuses();
}
