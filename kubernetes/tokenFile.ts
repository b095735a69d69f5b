import { readFile } from 'node:fs/promises';

/** The kubelet writes a new token long before the old one expires. */
const rereadMs = 60_000;

/** A token that the server refuses for good must not make every request read the file. */
const refusedRereadMs = 1000;

/**
 * Returns the token of a file that is replaced from time to time: read again once a minute, and at once after a 401. A
 * file that cannot be read leaves the last token; rejects when there never was one.
 */
export function createTokenFile(file: string): (last: 'accepted' | 'refused') => Promise<string> {
  let token: string | undefined;
  let readAt = -Infinity;
  return async (last) => {
    const age = performance.now() - readAt;
    if (token !== undefined && age < (last === 'refused' ? refusedRereadMs : rereadMs)) return token;
    readAt = performance.now();
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (token !== undefined) return token;
      throw new Error(`the token file ${file} cannot be read; mount a ServiceAccount token there`, { cause: error });
    });
    if (text.trim() !== '') token = text.trim();
    if (token === undefined) throw new Error(`the token file ${file} is empty; mount a ServiceAccount token there`);
    return token;
  };
}
