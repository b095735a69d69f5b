import { hash } from 'node:crypto';

/** A start and an odd factor for each of the 32 bit numbers that a hash consists of. */
const lanes = [
  [0x811c9dc5, 0x01000193],
  [0x9e3779b9, 0x85ebca6b],
  [0x7f4a7c15, 0xc2b2ae35],
] as const;

/**
 * A hash of a set of texts: the sum of the hashes of its members, so that it follows members which come and go and does
 * not depend on their order. Two sets have the same one if they are the same, but for collisions that nobody meets by
 * chance; it does not keep out who looks for one.
 */
export class SetHash {
  readonly #sum = new Uint32Array(lanes.length);

  add(member: string): void {
    for (const [lane, number] of hashesOf(member).entries()) this.#sum[lane] = (this.#sum[lane] ?? 0) + number;
  }

  /** Takes out what was added. */
  remove(member: string): void {
    for (const [lane, number] of hashesOf(member).entries()) this.#sum[lane] = (this.#sum[lane] ?? 0) - number;
  }

  /** Short enough to read. */
  toString(): string {
    return shortHash(this.#sum);
  }
}

/** Not cryptographic, which for so short a text takes ten times as long: an agent takes tens of thousands at its start. */
function hashesOf(text: string): readonly number[] {
  return lanes.map(([start, factor]) => {
    let sum: number = start;
    for (let at = 0; at < text.length; at += 1) {
      sum = Math.imul(sum ^ text.charCodeAt(at), factor);
      sum ^= sum >>> 15;
    }
    // Every bit of the text counts in every bit of the number, so that sums of them do not meet either.
    sum = Math.imul(sum ^ (sum >>> 16), 0x7feb352d);
    sum = Math.imul(sum ^ (sum >>> 15), 0x846ca68b);
    return (sum ^ (sum >>> 16)) >>> 0;
  });
}

/** 72 bits: enough to tell versions apart, short enough to read. */
export function shortHash(content: string | Uint8Array | Uint32Array): string {
  return hash('sha256', content, 'base64url').slice(0, 12);
}
