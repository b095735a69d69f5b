import type { ResponseHead } from '../message/head.ts';
import { defaultReasons, type Flag } from '../observe/flags.ts';

/**
 * By this field in an answer of its own a sidecar tells the calling one its flag and reason, for the line that the caller
 * reads: `UF connecting to the endpoint failed: ECONNREFUSED`. It stays between sidecars as `heddle-resend` does. A server
 * without a sidecar may set it: that gains a flag in the line of a request which it answered 5xx itself.
 */
const name = 'heddle-flag';
const maxReason = 200;

/** What another sidecar has told. */
export type Told = { readonly flag: Flag; readonly reason: string };

/** Marks an answer of ours. */
export function markFlag(head: ResponseHead, flag: Flag, reason: string): void {
  head.headers.append(name, `${flag} ${plain(reason)}`);
}

/** Takes the mark out; what it says, if it was there and is one. */
export function takeFlagMark(head: ResponseHead): Told | undefined {
  const found = head.headers.get(name);
  if (found === undefined) return undefined;
  head.headers.remove(name);
  const [flag = ''] = found.split(' ', 1);
  if (!isFlag(flag)) return undefined;
  const reason = plain(found.slice(flag.length + 1));
  return { flag, reason: `the sidecar of the endpoint says: ${reason === '' ? defaultReasons[flag] : reason}` };
}

function isFlag(text: string): text is Flag {
  return Object.hasOwn(defaultReasons, text);
}

/** What a field value and a line may hold, whoever wrote it. */
function plain(reason: string): string {
  return reason.slice(0, maxReason).replaceAll(/[^ -~]/g, '?');
}
