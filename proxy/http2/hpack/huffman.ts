import { endOfString, huffmanCodes } from './huffmanCode.ts';

// A state is an inner node of the code's tree: what has come of a code that is not whole. There are 256, one less than leaves.
const states = 256;
// Of each state its two followers: another state, or -1 - symbol.
const tree = new Int16Array(states * 2);
// How a string may end (RFC 7541 section 5.2): within the first seven bits of the code of ones alone.
const maxPadding = 7;
const mayEnd = new Uint8Array(states);
growTree();

// What each byte does in each state: the next state in the low byte, up to two symbols above it, then how many there are.
// A row is made when a string first needs it; few do, and what is untouched costs no memory.
const steps = new Uint32Array(states * 256);
const countShift = 24;
const made = 1 << 26;
const wrong = 1 << 27;

/** How many bytes a string of `length` bytes may become, and what `decodeHuffman` may write behind its end. */
export function mostDecoded(length: number): number {
  return length * 2 + 2;
}

/**
 * Decodes `bytes` from `start` to `end` into `into` at 0, where there must be room for `mostDecoded`. Returns how many bytes
 * came out, or -1 when they hold the end-of-string symbol or end in anything but at most seven ones (RFC 7541 section 5.2).
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let state = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const index = (state << 8) | (bytes[at] ?? 0);
    let step = steps[index] ?? 0;
    if (step === 0) {
      makeRow(state);
      step = steps[index] ?? 0;
    }
    if ((step & wrong) !== 0) return -1;
    // Two are written however many there are: cheaper than asking.
    into[length] = step >>> 8;
    into[length + 1] = step >>> 16;
    length += (step >>> countShift) & 3;
    state = step & 255;
  }
  return mayEnd[state] === 1 ? length : -1;
}

function makeRow(state: number): void {
  for (let byte = 0; byte < 256; byte++) steps[(state << 8) | byte] = stepOf(state, byte);
}

function stepOf(from: number, byte: number): number {
  let state = from;
  let symbols = 0;
  let count = 0;
  for (let bit = 7; bit >= 0; bit--) {
    const next = tree[state * 2 + ((byte >> bit) & 1)] ?? 0;
    if (next >= 0) state = next;
    else if (next === -1 - endOfString) return made | wrong;
    else {
      symbols |= (-1 - next) << (8 + 8 * count);
      count++;
      state = 0;
    }
  }
  return made | (count << countShift) | symbols | state;
}

function growTree(): void {
  let used = 1;
  for (const { symbol, code, length } of huffmanCodes()) {
    let state = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const at = state * 2 + ((code >> bit) & 1);
      // No follower leads back to the root.
      if (tree[at] === 0) tree[at] = used++;
      state = tree[at] ?? 0;
    }
    tree[state * 2 + (code & 1)] = -1 - symbol;
  }
  let state = 0;
  for (let bits = 0; bits <= maxPadding; bits++) {
    mayEnd[state] = 1;
    state = tree[state * 2 + 1] ?? 0;
  }
}
