import type { FrameReader } from './frames.ts';
import { type ErrorName, flags } from './protocol.ts';

/** Borrowed bytes of a header block. */
export type Payload = { readonly buffer: Buffer; readonly start: number; readonly end: number };

/** The part of a HEADERS frame that is its header block, without padding and priority; or what is wrong with it. */
export function headersPayload({
  buffer,
  at,
  end,
  flags: flag,
}: FrameReader): Payload | { readonly error: ErrorName; readonly reason: string } {
  const isPadded = (flag & flags.padded) !== 0;
  const start = at + (isPadded ? 1 : 0) + ((flag & flags.priority) === 0 ? 0 : 5);
  if (start > end) return { error: 'FRAME_SIZE_ERROR', reason: 'HEADERS has no place for its padding or priority' };
  const stop = end - (isPadded ? (buffer[at] ?? 0) : 0);
  if (stop < start) return { error: 'PROTOCOL_ERROR', reason: 'the padding of HEADERS is longer than the frame' };
  return { buffer, start, end: stop };
}
