import { badChunks, goodChunks } from '../chunks.ts';
import { chunked, passes, post, refused, type RequestVector } from '../requestVector.ts';

/** http-safety rule 4: chunked request bodies. */
export const body: readonly RequestVector[] = [
  ...Object.entries(badChunks).map(([title, bytes]) => refused(`${title} is 400`, post(chunked, bytes))),
  ...Object.entries(goodChunks).map(([title, [sent, seen]]) => passes(title, post(chunked, sent), post(chunked, seen))),
];
