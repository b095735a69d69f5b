/** etcd holds objects of 1.5 MiB; their JSON with managed fields is a few times that. More is no event. */
const maximumLineBytes = 32 * 1024 * 1024;

const newline = 0x0a;

/** The JSON values of a body with one on each line, however it is cut into chunks. Throws on a line that is no JSON. */
export async function* readJsonLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      pieces.push(chunk.subarray(start, end));
      const line = Buffer.concat(pieces).toString('utf8');
      pieces = [];
      bytes = 0;
      start = end + 1;
      if (line.trim() !== '') yield parseLine(line);
    }
    if (start === chunk.byteLength) continue;
    pieces.push(chunk.subarray(start));
    bytes += chunk.byteLength - start;
    if (bytes > maximumLineBytes) throw new Error(`a line of the watch is longer than ${maximumLineBytes} bytes`);
  }
  // What stands behind the last newline is an event that was cut off; the next watch brings it again.
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`a line of the watch is no JSON: ${line.slice(0, 80)}`, { cause: error });
  }
}
