import { equalsName, type Fields } from '../message/fields.ts';
import { isToken, isValue } from './characters.ts';
import type { HeadBytes } from './headBytes.ts';
import { type Refusal, refusals } from './refusal.ts';

export const maxFields = 100;

/** What the framing and connection fields of a head said; they are taken out of the forwarded fields. */
export class Framing {
  http11 = true;
  /** -1: no Content-Length. */
  contentLength = -1;
  /** The Transfer-Encoding fields joined with `,`; empty for none. */
  transferEncoding = '';
  /** The Connection fields joined with `,`, lower case; empty for none. */
  connection = '';
  keepAlive = '';
  host = '';
  hosts = 0;
  expect = '';
  trailersAccepted = false;

  reset(): void {
    this.http11 = true;
    this.contentLength = -1;
    this.transferEncoding = '';
    this.connection = '';
    this.keepAlive = '';
    this.host = '';
    this.hosts = 0;
    this.expect = '';
    this.trailersAccepted = false;
  }

  /** Whether the connection can carry another message after this one (RFC 9112 section 9.3). */
  get persistent(): boolean {
    if (this.connection === '') return this.http11;
    const options = new Set(this.connection.split(',').map((option) => option.trim()));
    if (options.has('close')) return false;
    return this.http11 || options.has('keep-alive');
  }
}

/**
 * Reads the field lines from the position `at` on up to the empty line into `fields`, strictly (RFC 9112 section 5).
 * Framing and connection fields go to `framing` instead.
 */
export function readFields(
  from: HeadBytes,
  at: number,
  into: { readonly fields: Fields; readonly framing: Framing },
): Refusal | undefined {
  const { fields } = into;
  const { bytes, start } = from;
  const end = from.end + 2;
  while (at < end) {
    const nameStart = at;
    while (isToken[bytes[at] ?? 0] === 1) at++;
    if (at === nameStart || bytes[at] !== 58) return refusals.fieldName;
    const nameEnd = at++;
    let code = bytes[at];
    while (code === 32 || code === 9) code = bytes[++at];
    const valueStart = at;
    while (isValue[bytes[at] ?? 0] === 1) at++;
    if (bytes[at] !== 13 || bytes[at + 1] !== 10) return refusals.fieldValue;
    let valueEnd = at;
    at += 2;
    while (valueEnd > valueStart && ((code = bytes[valueEnd - 1]) === 32 || code === 9)) valueEnd--;
    fields.addSpan(nameStart - start, nameEnd - start, valueStart - start, valueEnd - start);
    const nameLength = nameEnd - nameStart;
    if (nameLength > longestFraming || mayFrame[nameLength] !== 1) continue;
    const field = { start: nameStart - start, nameLength, valueStart: valueStart - start, valueEnd: valueEnd - start };
    const refusal = takeFraming(from.text, field, into);
    if (refusal !== undefined) return refusal;
  }
  return fields.parsedCount > maxFields ? refusals.headTooLarge : undefined;
}

/** Positions in the text of the head. */
type FieldAt = {
  readonly start: number;
  readonly nameLength: number;
  readonly valueStart: number;
  readonly valueEnd: number;
};
type Into = { readonly fields: Fields; readonly framing: Framing };

// How long the names are that takeFraming knows: most fields are none of these.
const longestFraming = 17;
const mayFrame = new Uint8Array(longestFraming + 1);
for (const length of [2, 4, 6, 7, 10, 14, 16, 17]) mayFrame[length] = 1;

function takeFraming(text: string, field: FieldAt, { fields, framing }: Into): Refusal | undefined {
  const { start } = field;
  switch (field.nameLength) {
    case 2:
      if (!equalsName(text, start, 'te')) return undefined;
      if (/\btrailers\b/i.test(valueOf(text, field))) framing.trailersAccepted = true;
      break;
    case 4:
      if (!equalsName(text, start, 'host')) return undefined;
      framing.host = valueOf(text, field);
      framing.hosts++;
      break;
    case 6:
      if (!equalsName(text, start, 'expect')) return undefined;
      framing.expect = joined(framing.expect, valueOf(text, field).toLowerCase());
      return undefined;
    case 7:
      if (!equalsName(text, start, 'upgrade')) return undefined;
      break;
    case 10:
      if (equalsName(text, start, 'connection')) {
        framing.connection = joined(framing.connection, valueOf(text, field).toLowerCase());
        break;
      }
      if (!equalsName(text, start, 'keep-alive')) return undefined;
      framing.keepAlive = valueOf(text, field);
      break;
    case 14:
      if (!equalsName(text, start, 'content-length')) return undefined;
      if (!takeContentLength(text, field, framing)) return refusals.contentLength;
      break;
    case 16:
      if (!equalsName(text, start, 'proxy-connection')) return undefined;
      break;
    default:
      if (!equalsName(text, start, 'transfer-encoding')) return undefined;
      framing.transferEncoding = joined(framing.transferEncoding, valueOf(text, field).toLowerCase() || ',');
  }
  fields.dropLastSpan();
  return undefined;
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before},${value}`;
}

/** 1*DIGIT without leading zeros, up to 2^53-1, and only once (http-safety rule 1). */
function takeContentLength(text: string, { valueStart, valueEnd }: FieldAt, framing: Framing): boolean {
  const digits = valueEnd - valueStart;
  if (framing.contentLength >= 0 || digits < 1 || digits > 16) return false;
  if (digits > 1 && text.charCodeAt(valueStart) === 48) return false;
  let length = 0;
  for (let at = valueStart; at < valueEnd; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return false;
    length = length * 10 + digit;
  }
  if (!Number.isSafeInteger(length)) return false;
  framing.contentLength = length;
  return true;
}

function valueOf(text: string, field: FieldAt): string {
  return text.slice(field.valueStart, field.valueEnd);
}

/** The body that Transfer-Encoding and Content-Length announce, or what is wrong with them (http-safety rules 1, 2). */
export function readCoding(framing: Framing): { readonly chunked: boolean } | Refusal {
  if (framing.transferEncoding === '') return plain;
  if (framing.contentLength >= 0) return refusals.lengthAndCoding;
  if (!framing.http11) return refusals.codingInHttp10;
  if (framing.transferEncoding === 'chunked') return chunked;
  const codings = framing.transferEncoding.split(',').map((coding) => coding.trim());
  const first = codings.indexOf('chunked');
  return first >= 0 && first < codings.length - 1 ? refusals.codingOrder : refusals.coding;
}

const plain = { chunked: false } as const;
const chunked = { chunked: true } as const;

// Naming one of these in Connection must not make us drop it: that would change who is asked, or what the body is.
const neverHopByHop = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'authorization',
  'close',
  'keep-alive',
  '',
]);

/** Removes the fields that Connection names (RFC 9110 section 7.6.1), except those whose loss would be an attack. */
export function dropConnectionOptions(fields: Fields, framing: Framing): void {
  if (framing.connection === '' || framing.connection === 'keep-alive' || framing.connection === 'close') return;
  for (const option of framing.connection.split(',')) {
    const name = option.trim();
    if (!neverHopByHop.has(name)) fields.remove(name);
  }
}
