const head = (line: string): string => `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;

/** Cuts it into pieces, each of which is read by itself. */
function cut(text: string, pieceBytes: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / pieceBytes) }, (_, at) =>
    text.slice(at * pieceBytes, (at + 1) * pieceBytes),
  );
}

const chunked = `${head('POST /')}Transfer-Encoding: chunked\r\n\r\n`;

/** Requests that could cost more than their size, by their names; each in the pieces in which it is sent. */
export const hostileRequests: Readonly<Record<string, readonly string[]>> = {
  manyFields: [head('GET /') + 'a:\r\n'.repeat(16_200)],
  mostFields: [`${head('GET /')}${'a:\r\n'.repeat(97)}\r\n`],
  longField: [`${head('GET /')}X: ${'a'.repeat(60_000)}\r\n\r\n`],
  longFieldInPieces: cut(`${head('GET /')}X: ${'a'.repeat(60_000)}\r\n\r\n`, 256),
  unfinishedHead: [`${head('GET /')}X: ${'a'.repeat(60_000)}`],
  oneByteChunks: [`${chunked}${'1\r\na\r\n'.repeat(10_000)}0\r\n\r\n`],
  paddedChunks: [`${chunked}${`1;${'x'.repeat(4000)}\r\na\r\n`.repeat(15)}0\r\n\r\n`],
  manyTrailers: [`${chunked}0\r\n${'a: b\r\n'.repeat(99)}\r\n`],
  connectionOptions: [`${head('GET /')}Connection: ${'b,'.repeat(15_000)}b\r\n\r\n`],
  mostConnectionOptions: [`${head('GET /')}Connection: ${'b,'.repeat(30)}b\r\n${'b: c\r\n'.repeat(90)}\r\n`],
  versionInPieces: cut(`${head('GET /admin')}\r\n`, 1),
  emptyLines: ['\r\n'.repeat(9000) + head('GET /')],
  emptyLinesInPieces: cut(`${'\r\n'.repeat(4000)}${head('GET /')}\r\n`, 16),
  bareLines: [`${'\n'.repeat(18_000)}${head('GET /')}\r\n`],
  longMethod: [`${'M'.repeat(40_000)} / HTTP/1.1\r\n\r\n`],
  oddMethod: [`${head('X_Y /')}\r\n`],
  longTarget: [`${head(`GET /${'a'.repeat(60_000)}`)}\r\n`],
  longestTarget: [`${head(`GET /${'a'.repeat(8000)}`)}\r\n`],
  longestQuery: [`${head(`GET /?${'a=b&'.repeat(2000)}`)}\r\n`],
  badChunk: [`${chunked}5 5\r\nhello\r\n`],
  bareCarriageReturn: [`${head('GET /')}X: ${'a'.repeat(50_000)}\r\rb\r\n\r\n`],
};
