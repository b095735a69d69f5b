/** The text in single bytes; a long one in some hundred pieces, of which most are cut anywhere. */
export function piecesOf(text: string): readonly string[] {
  const size = Math.ceil(text.length / 400);
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
}

/** A message whose chunks are joined to one; the trailers stay behind it. */
export function joinChunks(message: string): string {
  const head = message.slice(0, message.indexOf('\r\n\r\n') + 4);
  if (!/^transfer-encoding: chunked\r$/im.test(head)) return message;
  let data = '';
  let rest = message.slice(head.length);
  for (;;) {
    const size = Number.parseInt(rest, 16);
    if (!(size > 0)) return `${head}${data}\n${rest}`;
    const at = rest.indexOf('\r\n') + 2;
    data += rest.slice(at, at + size);
    rest = rest.slice(at + size + 2);
  }
}
