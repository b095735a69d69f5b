import { hash } from 'node:crypto';

const lanes = 8;

/**
 * A hash of a set of texts: the sum of the hashes of its members, so that it follows members which come and go and does
 * not depend on their order. Two sets have the same one if they are the same, but for collisions that nobody meets by
 * chance; it does not keep out who looks for one.
 */
export class SetHash {
  readonly #sum = new Uint32Array(lanes);

  add(member: string): void {
    const digest = hash('sha256', member, 'buffer');
    for (let lane = 0; lane < lanes; lane += 1)
      this.#sum[lane] = (this.#sum[lane] ?? 0) + digest.readUInt32LE(4 * lane);
  }

  /** Takes out what was added. */
  remove(member: string): void {
    const digest = hash('sha256', member, 'buffer');
    for (let lane = 0; lane < lanes; lane += 1)
      this.#sum[lane] = (this.#sum[lane] ?? 0) - digest.readUInt32LE(4 * lane);
  }

  /** Short enough to read. */
  toString(): string {
    return shortHash(this.#sum);
  }
}

/** 72 bits: enough to tell versions apart, short enough to read. */
export function shortHash(content: string | Uint8Array | Uint32Array): string {
  return hash('sha256', content, 'base64url').slice(0, 12);
}
