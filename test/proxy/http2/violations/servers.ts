import {
  both,
  continuation,
  data,
  endHeaders,
  endStream,
  frame,
  goaway,
  headers,
  literal,
  okBlock,
  ping,
  pushPromise,
  rstStream,
  setting,
  settings,
  uint32,
  windowUpdate,
  zeros,
} from '../raw.ts';
import { huge, lengthRows, section, type Violation } from './violation.ts';

/** What a server sends instead of SETTINGS. */
export const greetingViolations: readonly Violation[] = section('3.4 preface', [
  ['an HTTP/1.1 response', 'FRAME_SIZE_ERROR', 0, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['an acknowledgement first', 'PROTOCOL_ERROR', 0, frame(settings, 1, 0)],
  ['PING first', 'PROTOCOL_ERROR', 0, frame(ping, 0, 0, zeros(8))],
  ['SETTINGS on a stream', 'PROTOCOL_ERROR', 0, frame(settings, 0, 1)],
  ['SETTINGS of five bytes', 'FRAME_SIZE_ERROR', 0, frame(settings, 0, 0, zeros(5))],
  ['a frame size that is too small', 'PROTOCOL_ERROR', 0, frame(settings, 0, 0, setting(5, 1))],
]);

const response = frame(headers, endHeaders, 1, okBlock);

/** What it sends behind them, once request 1 has come. */
export const serverViolations: readonly Violation[] = [
  ...section('5.1 stream states', [
    ['a response to no request', 'PROTOCOL_ERROR', 0, frame(headers, both, 3, okBlock)],
    ['a stream of the server', 'PROTOCOL_ERROR', 0, frame(headers, both, 2, okBlock)],
    ['DATA for a stream that was never opened', 'PROTOCOL_ERROR', 0, frame(data, 0, 3, 'x')],
    ['RST_STREAM for one', 'PROTOCOL_ERROR', 0, frame(rstStream, 0, 3, uint32(8))],
    ['WINDOW_UPDATE for one', 'PROTOCOL_ERROR', 0, frame(windowUpdate, 0, 3, uint32(8))],
    ['DATA without a stream', 'PROTOCOL_ERROR', 0, frame(data, 0, 0, 'x')],
  ]),
  ...section('6 frames', [
    ['PUSH_PROMISE', 'PROTOCOL_ERROR', 0, frame(pushPromise, endHeaders, 1, Buffer.concat([uint32(2), okBlock]))],
    ['PING of seven bytes', 'FRAME_SIZE_ERROR', 0, frame(ping, 0, 0, zeros(7))],
    ['GOAWAY of four bytes', 'FRAME_SIZE_ERROR', 0, frame(goaway, 0, 0, zeros(4))],
    ['GOAWAY on a stream', 'PROTOCOL_ERROR', 0, frame(goaway, 0, 1, zeros(8))],
    ['CONTINUATION of nothing', 'PROTOCOL_ERROR', 0, frame(continuation, 4, 1, okBlock)],
    ['HEADERS broken off', 'PROTOCOL_ERROR', 0, frame(headers, 0, 1, okBlock), frame(ping, 0, 0, zeros(8))],
    ['a window beyond 2^31-1', 'FLOW_CONTROL_ERROR', 0, frame(windowUpdate, 0, 0, uint32(huge))],
    ['a window of the stream beyond it', 'FLOW_CONTROL_ERROR', 1, frame(windowUpdate, 0, 1, uint32(huge))],
    ['an increment of 0', 'PROTOCOL_ERROR', 0, frame(windowUpdate, 0, 0, uint32(0))],
    ['an increment of 0 for the stream', 'PROTOCOL_ERROR', 1, frame(windowUpdate, 0, 1, uint32(0))],
    ['a frame that is too large', 'FRAME_SIZE_ERROR', 0, frame(headers, endHeaders, 1, zeros(16_385))],
    ['padding longer than its frame', 'PROTOCOL_ERROR', 0, response, frame(data, 8, 1, Buffer.from([9, 0]))],
    ['an index of no table', 'COMPRESSION_ERROR', 0, frame(headers, both, 1, Buffer.from([0x80]))],
    ['RST_STREAM of three bytes', 'FRAME_SIZE_ERROR', 0, frame(rstStream, 0, 1, zeros(3))],
  ]),
  ...section('8.1 messages', [
    ['DATA before the response', 'PROTOCOL_ERROR', 1, frame(data, 0, 1, 'x')],
    ['an end before the response', 'PROTOCOL_ERROR', 1, frame(data, endStream, 1)],
    ['an interim response that ends', 'PROTOCOL_ERROR', 1, frame(headers, both, 1, literal(':status', '103'))],
    ...lengthRows(okBlock),
    [
      'a body behind 204',
      'PROTOCOL_ERROR',
      1,
      frame(headers, endHeaders, 1, Buffer.from([0x89])),
      frame(data, endStream, 1, 'x'),
    ],
    [
      'a body behind 304',
      'PROTOCOL_ERROR',
      1,
      frame(headers, endHeaders, 1, Buffer.from([0x8b])),
      frame(data, endStream, 1, 'x'),
    ],
    ['trailers that do not end', 'PROTOCOL_ERROR', 1, response, frame(headers, endHeaders, 1, literal('a', 'b'))],
    [
      '17 interim responses',
      'PROTOCOL_ERROR',
      1,
      ...Array.from({ length: 17 }, () => frame(headers, endHeaders, 1, literal(':status', '103'))),
    ],
    ['no status', 'PROTOCOL_ERROR', 1, frame(headers, both, 1, literal('a', 'b'))],
  ]),
];
