import { chunked, empty, ending, good, headRequest, hint, ok, old, type ResponseVector } from '../responseVector.ts';

/** http-safety rules 3, 8, 11 and 12: responses that are passed on. */
export const wellFormed: readonly ResponseVector[] = [
  good('a plain response passes byte for byte', `${ok}A: b\r\nContent-Length: 3\r\n\r\nabc`),
  good('a reason phrase is optional', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n'),
  good('so is its space', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n'),
  good('an unknown status passes', 'HTTP/1.1 599 \xe9!\r\nContent-Length: 0\r\n\r\n'),
  good('obs-text passes', `${ok}A: \x80\xff\r\nContent-Length: 0\r\n\r\n`),
  good('a chunked body passes', `${ok}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`),
  good(
    'chunk extensions are dropped',
    `${ok}${chunked}\r\n3;a=b\r\nabc\r\n0;c\r\n\r\n`,
    `${ok}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`,
  ),
  good('trailers pass', `${ok}${chunked}\r\n3\r\nabc\r\n0\r\nT: u\r\nV: w\r\n\r\n`),
  good(
    'trailers that frame or identify are dropped',
    `${ok}${chunked}\r\n0\r\nContent-Length: 5\r\nA: b\r\nHost: y\r\nSet-Cookie: a\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `${ok}${chunked}\r\n0\r\nA: b\r\n\r\n`,
  ),
  good('HEAD has no body, whatever its length', `${ok}Content-Length: 3\r\n\r\n`, undefined, headRequest),
  good('HEAD of a chunked response has no body', `${ok}${chunked}\r\n`, `${ok}\r\n`, headRequest),
  good('204 has no body', 'HTTP/1.1 204 No Content\r\nA: b\r\n\r\n'),
  good(
    '204 loses its Content-Length',
    'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
  ),
  good('304 keeps its Content-Length and has no body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n'),
  good('103 comes before the response', hint + empty),
  good('16 interim responses pass', hint.repeat(16) + empty),
  good('HTTP/1.0 gets no interim response', hint + empty, `${ok}Content-Length: 0\r\nConnection: close\r\n\r\n`, old),
  good(
    'HTTP/1.0 gets no chunks',
    `${ok}${chunked}\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n`,
    `${ok}Connection: close\r\n\r\nabc`,
    old,
  ),
  good(
    'what Connection names is dropped, as are the fields of the hop',
    `${ok}Connection: a, close\r\nA: b\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nB: c\r\nContent-Length: 0\r\n\r\n`,
    `${ok}B: c\r\nContent-Length: 0\r\n\r\n`,
  ),
  ending(
    'a body until the end of the connection becomes chunked',
    `${ok}\r\nabc`,
    `${ok}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`,
  ),
  ending(
    'to HTTP/1.0 it lasts until the end of the connection',
    `${ok}\r\nabc`,
    `${ok}Connection: close\r\n\r\nabc`,
    old,
  ),
  ending(
    'an HTTP/1.0 endpoint is understood',
    'HTTP/1.0 200 OK\r\n\r\nabc',
    `${ok}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`,
  ),
  good(
    'leading zeros of Content-Length are dropped',
    `${ok}Content-Length: 003\r\n\r\nabc`,
    `${ok}Content-Length: 3\r\n\r\nabc`,
  ),
  good('Content-Length is known in any case', `${ok}content-length: 3\r\n\r\nabc`, `${ok}Content-Length: 3\r\n\r\nabc`),
  good(
    'Transfer-Encoding is known in any case',
    `${ok}tRANSFER-encoding: Chunked\r\n\r\n0\r\n\r\n`,
    `${ok}${chunked}\r\n0\r\n\r\n`,
  ),
  good('100 fields pass', `${ok}${'A: b\r\n'.repeat(99)}Content-Length: 0\r\n\r\n`),
  good('a field of 60 KB passes', `${ok}A: ${'b'.repeat(60_000)}\r\nContent-Length: 0\r\n\r\n`),
  good('a tab in a value passes', `${ok}A: b\tc\r\nContent-Length: 0\r\n\r\n`),
  good(
    'white space around a value is left out',
    `${ok}A: \t b \t\r\nContent-Length: 0\r\n\r\n`,
    `${ok}A: b\r\nContent-Length: 0\r\n\r\n`,
  ),
  good('an empty value passes', `${ok}A: \r\nContent-Length: 0\r\n\r\n`),
  good('the order and case of fields stay', `${ok}bB: 1\r\nAa: 2\r\nbb: 3\r\nContent-Length: 0\r\n\r\n`),
  good('304 without a length passes', 'HTTP/1.1 304 Not Modified\r\nA: b\r\n\r\n'),
  good(
    '304 loses its Transfer-Encoding',
    `HTTP/1.1 304 Not Modified\r\n${chunked}\r\n`,
    'HTTP/1.1 304 Not Modified\r\n\r\n',
  ),
  good(
    '204 loses its Transfer-Encoding',
    `HTTP/1.1 204 No Content\r\n${chunked}\r\n`,
    'HTTP/1.1 204 No Content\r\n\r\n',
  ),
  good(
    'a mark of ours from an application goes no further',
    `${ok}heddle-resend: any\r\nContent-Length: 0\r\n\r\n`,
    empty,
  ),
  good(
    'the end of the connection is announced by neither side',
    `${ok}Connection: close\r\nContent-Length: 0\r\n\r\n`,
    empty,
  ),
  ...[201, 206, 300, 301, 400, 401, 404, 413, 418, 429, 451, 500, 502, 599, 600, 999].map((status) =>
    good(`status ${status} passes`, `HTTP/1.1 ${status} X\r\nContent-Length: 3\r\n\r\nabc`),
  ),
  ...[100, 102, 199].map((status) =>
    good(`interim ${status} comes before the response`, `HTTP/1.1 ${status} X\r\n\r\n${empty}`),
  ),
];
