/**
 * Whether a content-type is that of gRPC or of gRPC-Web, `application/grpc` with what may follow
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
 */
export function isGRPC(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const [, after] = /^application\/grpc(?:-web(?:-text)?)?(.?)/i.exec(contentType) ?? [];
  return after !== undefined && (after === '' || ' \t+;'.includes(after));
}

/**
 * Whether it is that of gRPC itself, whose responses end with trailers that say how the RPC went; gRPC-Web has them in its
 * bodies. Asked of every request over HTTP/2, as lower case as clients of gRPC write it.
 */
export function isRPC(contentType: string): boolean {
  if (!contentType.startsWith('application/grpc')) return false;
  const after = contentType.charCodeAt(16);
  return Number.isNaN(after) || after === plus || after === semicolon || after === space;
}

const plus = 0x2b;
const semicolon = 0x3b;
const space = 0x20;

/** A text as grpc-message has it: percent-encoded UTF-8, printable ASCII as it is (the same page, `Percent-Encoded`). */
export function encodeGRPCMessage(text: string): string {
  return plain.test(text) ? text : Array.from(encoder.encode(text), encodeByte).join('');
}

const plain = /^[ -$&-~]*$/;
const encoder = new TextEncoder();
const percent = 0x25;

function encodeByte(byte: number): string {
  if (byte >= 0x20 && byte <= 0x7e && byte !== percent) return String.fromCharCode(byte);
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

const unitsMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** A field grpc-timeout in whole milliseconds, not before its time; undefined for what is none. */
export function readGRPCTimeout(field: string): number | undefined {
  const { value, unit = '' } = /^(?<value>\d{1,8})(?<unit>[HMSmun])$/.exec(field)?.groups ?? {};
  const unitMs = unitsMs[unit];
  return unitMs === undefined ? undefined : Math.ceil(Number(value) * unitMs);
}
