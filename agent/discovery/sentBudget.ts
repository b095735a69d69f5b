import type { Logger } from '../../runtime/log.ts';
import { createSeldom } from '../../runtime/seldom.ts';

/** One stream, as far as what it has sent is concerned. */
export type SentStream = {
  readonly connection: string;
  /** Whose it is: a pod, or the address it comes from as long as no pod is known. */
  holder: string;
  /** What of it waits in this process. */
  readonly held: () => number;
};

export type SentBudgetOptions = {
  readonly log: Pick<Logger, 'warn'>;
  readonly mostBytes: number;
  readonly cut: (connection: string) => void;
};

// After so many bytes came anew, all streams are looked at.
const lookEveryBytes = 1_048_576;
// Cut down to this part, so that not every further megabyte begins it anew.
const cutTo = 0.9;
const sayEveryMs = 10_000;

/**
 * Keeps all that clients have sent and nobody has taken within `mostBytes`: beyond it whoever has sent most loses the
 * connection that holds most. Nothing is counted up and down; once in a megabyte every stream is asked what it holds.
 */
export class SentBudget {
  readonly #streams = new Set<SentStream>();
  readonly #options: SentBudgetOptions;
  readonly #maySay = createSeldom(sayEveryMs, 2);
  #arrivedBytes = 0;
  #cutConnections = 0;

  constructor(options: SentBudgetOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#streams.values().reduce((sum, { held }) => sum + held(), 0);
  }

  get cutConnections(): number {
    return this.#cutConnections;
  }

  add(stream: SentStream): void {
    this.#streams.add(stream);
  }

  remove(stream: SentStream): void {
    this.#streams.delete(stream);
  }

  /** So many bytes more are held. */
  note(bytes: number): void {
    this.#arrivedBytes += bytes;
    if (this.#arrivedBytes < lookEveryBytes) return;
    this.#arrivedBytes = 0;
    // Not within the event that brought them: whoever is cut may be in the midst of it.
    queueMicrotask(() => this.#look());
  }

  /** What a stream sends is such that nobody sends it by chance: its connection is cut off. */
  refuse(stream: SentStream): void {
    if (!this.#streams.has(stream)) return;
    const { connection, holder } = stream;
    if (this.#maySay('shreds'))
      this.#options.log.warn({ holder }, 'A request came in thousands of pieces: who sends it is cut off');
    this.#streams.delete(stream);
    queueMicrotask(() => this.#cut(connection));
  }

  #look(): void {
    const { mostBytes, log } = this.#options;
    let total = this.bytes;
    if (total <= mostBytes) return;
    const heldBytes = total;
    while (total > mostBytes * cutTo) {
      const worst = findWorst(this.#streams);
      if (worst === undefined) return;
      if (this.#maySay('cut')) {
        const fields = { holder: worst.holder, sentBytes: worst.bytes, heldBytes, limitBytes: mostBytes };
        log.warn(fields, 'Too many bytes of requests wait: who has sent most is cut off');
      }
      this.#cut(worst.connection);
      total -= worst.bytes;
    }
  }

  #cut(connection: string): void {
    for (const stream of this.#streams) if (stream.connection === connection) this.#streams.delete(stream);
    this.#cutConnections += 1;
    this.#options.cut(connection);
  }
}

type Sum = { readonly connection: string; readonly holder: string; bytes: number };

/** The connection that holds most, of the holder that does. */
function findWorst(streams: ReadonlySet<SentStream>): Sum | undefined {
  const holders = new Map<string, number>();
  const connections = new Map<string, Sum>();
  for (const { connection, holder, held } of streams) {
    const bytes = held();
    holders.set(holder, (holders.get(holder) ?? 0) + bytes);
    const sum = connections.get(connection) ?? { connection, holder, bytes: 0 };
    sum.bytes += bytes;
    connections.set(connection, sum);
  }
  let worst: Sum | undefined;
  for (const sum of connections.values()) {
    const more = (holders.get(sum.holder) ?? 0) - (worst === undefined ? -1 : (holders.get(worst.holder) ?? 0));
    if (more > 0 || (more === 0 && sum.bytes > (worst?.bytes ?? 0))) worst = sum;
  }
  return worst;
}
