import { bad, empty, ending, good, headRequest, hint, ok, type ResponseVector } from '../responseVector.ts';

const end = 'Content-Length: 0\r\n\r\n';

/** Fields that mean nothing to a proxy pass byte for byte; what only looks like framing is none; answers that come early. */
export const fields: readonly ResponseVector[] = [
  ...[
    'Accept-Ranges: bytes',
    'Age: 1',
    'Allow: GET, HEAD',
    'Alt-Svc: h3=":443"',
    'Cache-Control: no-store',
    'Content-Encoding: br',
    'Content-Type: text/html; charset="utf-8"',
    'Date: 0',
    'ETag: W/"a"',
    'Location: /a b',
    'Proxy-Authenticate: Basic',
    'Retry-After: 5',
    'Server: a/1 (b)',
    'Set-Cookie: a=b; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    'Strict-Transport-Security: max-age=1',
    'Trailer: A',
    'Vary: *',
    'WWW-Authenticate: Basic realm="a, b", Digest c',
    'grpc-status: 0',
    'Content_Length: 5',
    'XTransfer-Encoding: chunked',
  ].map((line) => good(`${line.split(':')[0]} of a response passes as it is`, `${ok}${line}\r\n${end}`)),
  good('several Set-Cookie stay several', `${ok}Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n${end}`),
  ...['Content-Length', 'Transfer-Encoding', 'Connection'].flatMap((name) => [
    bad(`${name} with a space before the colon`, `${ok}${name} : 0\r\n${end}`),
    bad(`${name} in a folded line`, `${ok}A: b\r\n ${name}: 0\r\n${end}`),
    bad(`${name} behind a bare CR`, `${ok}A: b\r${name}: 0\r\n${end}`),
    bad(`${name} behind a bare LF`, `${ok}A: b\n${name}: 0\r\n${end}`),
  ]),
  ...[101, 150].map((status) =>
    bad(`a ${status} that says too much`, `HTTP/1.1 ${status} X\r\nA: b\r\n c\r\n\r\n${empty}`),
  ),
  good('interim responses of several kinds pass in order', `${hint}HTTP/1.1 199 X\r\nA: b\r\n\r\n${hint}${empty}`),
  good('an interim response to HEAD passes', `${hint}${ok}Content-Length: 3\r\n\r\n`, undefined, headRequest),
  ending('a body of nothing until the end is empty', `${ok}\r\n`, `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
  ending(
    'a close behind a complete response is no fault',
    `${ok}Content-Length: 1\r\n\r\na`,
    `${ok}Content-Length: 1\r\n\r\na`,
  ),
  good('a body of CRLF, NUL and 8-bit bytes passes', `${ok}Content-Length: 6\r\n\r\n\r\n\0\xff\r\n`),
  good('a body that looks like a response is none', `${ok}Content-Length: 19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`),
];
