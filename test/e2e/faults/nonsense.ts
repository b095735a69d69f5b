import { badMessages } from './badMessages.ts';
import { badStreams } from './badStreams.ts';
import type { Kind } from './kinds.ts';

/** Messages first, as many before each bad stream: an answer to one has a sidecar come again at once, not after seconds. */
export const allKinds: readonly Kind[] = mix(badMessages, badStreams);

/** So many of the kinds, from all over the list. */
export function everyNth(kinds: readonly Kind[], count: number): readonly Kind[] {
  return Array.from(
    { length: Math.min(count, kinds.length) },
    (_, at) => kinds[Math.floor((at * kinds.length) / count)],
  ).filter((kind) => kind !== undefined);
}

function mix(many: readonly Kind[], few: readonly Kind[]): Kind[] {
  return many.flatMap((kind, at) => [
    kind,
    ...few.slice(Math.floor((at * few.length) / many.length), Math.floor(((at + 1) * few.length) / many.length)),
  ]);
}
