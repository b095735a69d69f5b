import type { Stream } from './stream.ts';

const fewest = 8;

/**
 * The open streams of a connection by their identifiers. Not a Map: one in which entries come and go is replaced by a new
 * table every so often, the old ones point to the new ones, and so what dies young is kept until all of the heap is
 * collected (ARCHITECTURE.md). These are chains through the streams themselves, cut where one is taken out.
 */
export class StreamTable<S extends Stream> {
  size = 0;
  /** A power of two long; identifiers of one side count up by two. */
  private chains = emptyChains<S>(fewest);

  get(id: number): S | undefined {
    let stream = this.chains[this.chainOf(id)];
    while (stream !== undefined && stream.id !== id) stream = after(stream);
    return stream;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** Adds one whose identifier is not there. */
  add(stream: S): void {
    if (this.size === this.chains.length) this.grow();
    this.size++;
    this.link(stream);
  }

  /** False: it is not there. */
  delete(stream: S): boolean {
    const at = this.chainOf(stream.id);
    let before: S | undefined;
    let found = this.chains[at];
    while (found !== undefined && found !== stream) {
      before = found;
      found = after(found);
    }
    if (found === undefined) return false;
    if (before === undefined) this.chains[at] = after(stream);
    else before.nextInChain = stream.nextInChain;
    stream.nextInChain = undefined;
    this.size--;
    return true;
  }

  /** Those that are there now, in the order of their identifiers. */
  all(): readonly S[] {
    const streams: S[] = [];
    for (const first of this.chains)
      for (let stream = first; stream !== undefined; stream = after(stream)) streams.push(stream);
    return streams.sort((one, other) => one.id - other.id);
  }

  private chainOf(id: number): number {
    return (id >> 1) & (this.chains.length - 1);
  }

  private link(stream: S): void {
    const at = this.chainOf(stream.id);
    stream.nextInChain = this.chains[at];
    this.chains[at] = stream;
  }

  private grow(): void {
    const streams = this.all();
    this.chains = emptyChains(this.chains.length * 2);
    for (const stream of streams) this.link(stream);
  }
}

function emptyChains<S>(length: number): (S | undefined)[] {
  return Array.from<S | undefined>({ length }).fill(undefined);
}

function after<S extends Stream>(stream: S): S | undefined {
  return stream.nextInChain as S | undefined;
}
