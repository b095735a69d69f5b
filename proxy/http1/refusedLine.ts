import { maxMethodBytes } from '../message/limits.ts';

/** What could be read of a request that was refused, for the log. */
export type RefusedLine = { readonly method: string | undefined; readonly path: string | undefined };

/** So much of a head is looked at for it: what is longer is cut in the log. */
export const maxRefusedLineBytes = 2200;

const line = new RegExp(String.raw`^[\r\n]*([!#$%&'*+.^_\x60|~\w-]{1,${maxMethodBytes}}) +([^ \r\n]+)`);

/** Reads the beginning of a head, whole or not, as far as it is one: a method that is no token is none. */
export function readRefusedLine(beginning: string): RefusedLine {
  const [, method, path] = line.exec(beginning) ?? [];
  return { method, path };
}
