import {
  both,
  continuation,
  data,
  frame,
  getBlock,
  goaway,
  headers,
  open,
  ping,
  priority,
  rstStream,
  setting,
  settings,
  uint32,
  windowUpdate,
  zeros,
} from '../raw.ts';
import { huge, padded, prioritised } from './violation.ts';

/** Bytes behind the preface that break no rule: a later request is answered. */
export const clientOddities: readonly { readonly title: string; readonly bytes: readonly Buffer[] }[] = [
  { title: 'unknown frames, with any flags and stream', bytes: [frame(99, 255, 0, 'abc'), frame(250, 1, 7, 'x')] },
  { title: 'unknown settings', bytes: [frame(settings, 0, 0, Buffer.concat([setting(99, 1), setting(0, 5)]))] },
  {
    title: 'PRIORITY for streams that are idle, and closed',
    bytes: [frame(priority, 0, 5, zeros(5)), frame(priority, 0, 2, zeros(5))],
  },
  {
    title: 'a stream that depends on itself, which nobody heeds',
    bytes: [frame(priority, 0, 5, Buffer.concat([uint32(5), Buffer.from([1])]))],
  },
  { title: 'undefined flags', bytes: [frame(ping, 0xf0, 0, zeros(8)), frame(settings, 0xf0, 0)] },
  { title: 'the reserved bit of the identifier', bytes: [frame(ping, 0, 0x8000_0000, zeros(8))] },
  {
    title: 'padded DATA, the padding alone, and of length 0',
    bytes: [
      open,
      frame(data, padded, 1, Buffer.from([2, 97, 0, 0])),
      frame(data, padded, 1, Buffer.from([3, 0, 0, 0])),
      frame(data, padded, 1, Buffer.from([0, 97])),
    ],
  },
  {
    title: 'HEADERS with padding and priority',
    bytes: [
      frame(
        headers,
        both | padded | prioritised,
        1,
        Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 9]), getBlock, zeros(3)]),
      ),
    ],
  },
  {
    title: 'a block of single bytes',
    bytes: [
      frame(headers, 1, 1),
      ...[...getBlock].map((byte) => frame(continuation, 0, 1, Buffer.from([byte]))),
      frame(continuation, 4, 1),
    ],
  },
  {
    title: 'RST_STREAM behind RST_STREAM',
    bytes: [open, frame(rstStream, 0, 1, uint32(8)), frame(rstStream, 0, 1, uint32(8))],
  },
  { title: 'RST_STREAM with an unknown code', bytes: [open, frame(rstStream, 0, 1, uint32(0xabcd))] },
  {
    title: 'WINDOW_UPDATE for a stream that is closed',
    bytes: [open, frame(rstStream, 0, 1, uint32(8)), frame(windowUpdate, 0, 1, uint32(8))],
  },
  {
    title: 'windows of 0, and back',
    bytes: [
      frame(settings, 0, 0, setting(4, 0)),
      frame(settings, 0, 0, setting(4, huge)),
      frame(settings, 0, 0, setting(4, 65_535)),
    ],
  },
  { title: 'the largest frame size', bytes: [frame(settings, 0, 0, setting(5, 16_777_215))] },
  { title: 'a dynamic table of no size', bytes: [frame(settings, 0, 0, setting(1, 0))] },
  { title: 'GOAWAY with text', bytes: [frame(goaway, 0, 0, Buffer.concat([zeros(8), Buffer.from('bye')]))] },
  { title: 'an acknowledgement that nobody asked for', bytes: [frame(settings, 1, 0), frame(ping, 1, 0, zeros(8))] },
];
