import { badChunks, goodChunks } from '../chunks.ts';
import { bad, chunked, good, ok, type ResponseVector } from '../responseVector.ts';

/** http-safety rule 4: chunked response bodies. */
export const body: readonly ResponseVector[] = [
  ...Object.entries(badChunks).map(([title, bytes]) => bad(title, `${ok}${chunked}\r\n${bytes}`)),
  ...Object.entries(goodChunks).map(([title, [sent, seen]]) =>
    good(`${title} of a response`, `${ok}${chunked}\r\n${sent}`, `${ok}${chunked}\r\n${seen}`),
  ),
];
