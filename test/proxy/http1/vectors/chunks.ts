/** http-safety rule 4: chunked bodies that are malformed, in a request as in a response. */
export const badChunks: Readonly<Record<string, string>> = {
  'a chunk size without digits': '\r\nabc',
  'a chunk size that is no hex number': 'g\r\n',
  'a chunk size with 0x': '0x3\r\nabc\r\n',
  'a negative chunk size': '-3\r\nabc\r\n',
  'a chunk size of 17 digits': '00000000000000003\r\nabc\r\n',
  'a chunk size beyond 2^53': '20000000000000\r\nabc',
  'a chunk size of 16 f': 'ffffffffffffffff\r\nabc',
  'white space before the chunk size': ' 3\r\nabc\r\n',
  ...Object.fromEntries(
    ['5 5', '5\t5', '5 0', '5 x', '0 0', '5 \t 5', '5  a;b', '5 =', '5 \x80', '5,', '5\0'].map((size) => [
      `the chunk size ${JSON.stringify(size)}`,
      `${size}\r\nabcde\r\n0\r\n\r\n`,
    ]),
  ),
  'padding without end': `3${' '.repeat(5000)}`,
  'a bare LF behind the last chunk': '0\r\n\n',
  'a bare CR behind the last chunk': '0\r\n\rA',
  'a bare LF behind a trailer': '0\r\nA: b\n',
  'a NUL in a trailer': '0\r\nA: \0',
  'a bare LF behind the chunk size': '3\nabc\r\n0\r\n\r\n',
  'a bare CR behind the chunk size': '3\rabc\r\n0\r\n\r\n',
  'a bare LF in an extension': '3;a\nabc\r\n0\r\n\r\n',
  'a NUL in an extension': '3;a\0b\r\nabc\r\n0\r\n\r\n',
  'an extension without end': `3;${'a'.repeat(5000)}`,
  'a bare LF behind the chunk data': '3\r\nabc\n0\r\n\r\n',
  'chunk data longer than its size': '3\r\nabcd\r\n0\r\n\r\n',
  'no CRLF behind the chunk data': '3\r\nabc0\r\n\r\n',
  'trailers of more than 16 KB': `0\r\nA: ${'b'.repeat(17_000)}\r\n\r\n`,
  'trailers without end': `0\r\n${'A: b\r\n'.repeat(4000)}`,
  'more than 100 trailers': `0\r\n${'A: b\r\n'.repeat(101)}\r\n`,
  'a folded trailer': '0\r\nA: b\r\n c\r\n\r\n',
  'a trailer without colon': '0\r\nA\r\n\r\n',
  'a space before the colon of a trailer': '0\r\nA : b\r\n\r\n',
  ...Object.fromEntries(
    ['\x01', '\x0b', '\x1f', '\x7f'].flatMap((character) => [
      [`${JSON.stringify(character)} in a trailer's value`, `0\r\nA: b${character}\r\n\r\n`],
      [`${JSON.stringify(character)} in a trailer's name`, `0\r\nA${character}: b\r\n\r\n`],
    ]),
  ),
  ...Object.fromEntries(
    ['3\r\nab\r\n0\r\n\r\n', '3\r\nabc\r\n\r\n0\r\n\r\n', '3\r\nabc\r\n0\r\nGET / HTTP/1.1\r\n\r\n'].map((bytes) => [
      `chunks that go wrong later: ${JSON.stringify(bytes)}`,
      bytes,
    ]),
  ),
};

/** Good ones, and how they are passed on, cut into chunks as they came. */
export const goodChunks: Readonly<Record<string, readonly [sent: string, seen: string]>> = {
  'an empty chunked body': ['0\r\n\r\n', '0\r\n\r\n'],
  'a last chunk of many zeros': ['000\r\n\r\n', '0\r\n\r\n'],
  'upper case and leading zeros': ['00A\r\n0123456789\r\n0\r\n\r\n', 'a\r\n0123456789\r\n0\r\n\r\n'],
  'padding behind every chunk size, more of it than one extension may have': [
    `${'1          \r\nx\r\n'.repeat(450)}0\r\n\r\n`,
    `${'1\r\nx\r\n'.repeat(450)}0\r\n\r\n`,
  ],
  'padding before an extension': ['3 \t;a\r\nabc\r\n0 \r\n\r\n', '3\r\nabc\r\n0\r\n\r\n'],
  'extensions are dropped': ['3;a;b="c"\r\nabc\r\n0;d\r\n\r\n', '3\r\nabc\r\n0\r\n\r\n'],
  'trailers pass in order': ['0\r\nB: 1\r\nA: 2\r\nB: 3\r\n\r\n', '0\r\nB: 1\r\nA: 2\r\nB: 3\r\n\r\n'],
  'trailers that frame or identify are dropped': [
    '0\r\nContent-Length: 1\r\nA: b\r\nHost: y\r\nAuthorization: z\r\nTransfer-Encoding: chunked\r\nTE: x\r\nConnection: c\r\nCookie: d\r\n\r\n',
    '0\r\nA: b\r\n\r\n',
  ],
  ...Object.fromEntries(
    [
      'Content-Length',
      'Transfer-Encoding',
      'Host',
      'Authorization',
      'Proxy-Authorization',
      'WWW-Authenticate',
      'Cookie',
      'sEt-cOOkie',
      'Content-Encoding',
      'Content-Type',
      'Content-Range',
      'Trailer',
      'Range',
      'TE',
      'Connection',
      'Keep-Alive',
      'Upgrade',
      'heddle-probe',
      'Heddle-Anything',
    ].map((name) => [
      `${name} among the trailers is dropped`,
      [`0\r\nA: b\r\n${name}: 1\r\nC: d\r\n\r\n`, '0\r\nA: b\r\nC: d\r\n\r\n'],
    ]),
  ),
  ...Object.fromEntries(
    ['grpc-status: 0', 'Server-Timing: a;dur=1', 'Digest: a=b', 'A:', 'ETag: "a"'].map((line) => [
      `the trailer ${line} passes`,
      [`0\r\n${line}${line.endsWith(':') ? ' ' : ''}\r\n\r\n`, `0\r\n${line}${line.endsWith(':') ? ' ' : ''}\r\n\r\n`],
    ]),
  ),
  'chunks of single bytes': [`${'1\r\nx\r\n'.repeat(50)}0\r\n\r\n`, `${'1\r\nx\r\n'.repeat(50)}0\r\n\r\n`],
  'chunk data of CRLF': ['4\r\n\r\n\r\n\r\n0\r\n\r\n', '4\r\n\r\n\r\n\r\n0\r\n\r\n'],
  'an extension with a quoted semicolon': ['1;a="b;c"\r\nx\r\n0\r\n\r\n', '1\r\nx\r\n0\r\n\r\n'],
};
