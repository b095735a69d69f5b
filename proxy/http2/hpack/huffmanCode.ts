/**
 * The Huffman code of RFC 7541 appendix B. It is canonical: within a length the codes follow the order of the symbols, and
 * each length goes on where the one before it ended, so that the symbols of each length are all there is to know.
 */
const symbols: ReadonlyMap<number, readonly number[]> = new Map([
  [5, of('012aceiost')],
  [6, of(' %-./3456789=A_bdfghlmnpru')],
  [7, of(':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz')],
  [8, of('&*,;XZ')],
  [10, of('!"()?')],
  [11, of("'+|")],
  [12, of('#>')],
  [13, of('\0$@[]~')],
  [14, of('^}')],
  [15, of('<`{')],
  [19, [92, 195, 208]],
  [20, [128, 130, 131, 162, 184, 194, 224, 226]],
  [21, [153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230]],
  [
    22,
    [
      129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198,
      228, 232, 233,
    ],
  ],
  [
    23,
    [
      1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174, 175, 180, 182,
      183, 188, 191, 197, 231, 239,
    ],
  ],
  [24, [9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237]],
  [25, [199, 207, 234, 235]],
  [26, [192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255]],
  [27, [203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254]],
  [
    28,
    [2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127, 220, 249],
  ],
  [30, [10, 13, 22, 256]],
]);

/** The symbol that must not come: the end of a string is told by its length. */
export const endOfString = 256;

/** Every symbol with its code, whose `length` lowest bits count, highest first. */
export type HuffmanCode = { readonly symbol: number; readonly code: number; readonly length: number };

/** The code, from the shortest to the longest. */
export function huffmanCodes(): readonly HuffmanCode[] {
  const codes: HuffmanCode[] = [];
  let code = 0;
  let before = 0;
  for (const [length, all] of symbols) {
    code <<= length - before;
    before = length;
    for (const symbol of all) codes.push({ symbol, code: code++, length });
  }
  return codes;
}

function of(characters: string): number[] {
  return Array.from(characters, (character) => character.charCodeAt(0));
}
