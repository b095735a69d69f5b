import { equalsName, type Fields } from '../exchange/fields.ts';
import { isToken, isValue } from './characters.ts';
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
 * Reads field lines of `text` from `at` up to `end` (the index of the empty line's CRLF, less two) into `fields`, strictly
 * (RFC 9112 section 5). Framing and connection fields go to `framing` instead.
 */
export function readFields(
  text: string,
  at: number,
  end: number,
  into: { fields: Fields; framing: Framing },
): Refusal | undefined {
  const { fields, framing } = into;
  while (at < end) {
    const nameStart = at;
    while (isToken[text.charCodeAt(at)] === 1) at++;
    if (at === nameStart || text.charCodeAt(at) !== 58) return refusals.fieldName;
    const nameEnd = at++;
    let code = text.charCodeAt(at);
    while (code === 32 || code === 9) code = text.charCodeAt(++at);
    const valueStart = at;
    while (isValue[text.charCodeAt(at)] === 1) at++;
    if (text.charCodeAt(at) !== 13 || text.charCodeAt(at + 1) !== 10) return refusals.fieldValue;
    let valueEnd = at;
    at += 2;
    while (valueEnd > valueStart && ((code = text.charCodeAt(valueEnd - 1)) === 32 || code === 9)) valueEnd--;
    fields.addSpan(nameStart, nameEnd, valueStart, valueEnd);
    const refusal = takeFraming(text, nameStart, nameEnd, { valueStart, valueEnd, fields, framing });
    if (refusal !== undefined) return refusal;
  }
  return fields.parsedCount > maxFields ? refusals.headTooLarge : undefined;
}

type FieldAt = { valueStart: number; valueEnd: number; fields: Fields; framing: Framing };

function takeFraming(text: string, start: number, end: number, field: FieldAt): Refusal | undefined {
  // By length first: most fields are none of these.
  switch (end - start) {
    case 2:
      if (!equalsName(text, start, 'te')) return undefined;
      if (/\btrailers\b/i.test(valueOf(text, field))) field.framing.trailersAccepted = true;
      break;
    case 4:
      if (!equalsName(text, start, 'host')) return undefined;
      field.framing.host = valueOf(text, field);
      field.framing.hosts++;
      break;
    case 6:
      if (!equalsName(text, start, 'expect')) return undefined;
      field.framing.expect = joined(field.framing.expect, valueOf(text, field).toLowerCase());
      return undefined;
    case 7:
      if (!equalsName(text, start, 'upgrade')) return undefined;
      break;
    case 10:
      if (equalsName(text, start, 'connection')) {
        const { framing } = field;
        const value = valueOf(text, field).toLowerCase();
        framing.connection = framing.connection === '' ? value : `${framing.connection},${value}`;
        break;
      }
      if (!equalsName(text, start, 'keep-alive')) return undefined;
      field.framing.keepAlive = valueOf(text, field);
      break;
    case 14:
      if (!equalsName(text, start, 'content-length')) return undefined;
      return takeContentLength(valueOf(text, field), field);
    case 16:
      if (!equalsName(text, start, 'proxy-connection')) return undefined;
      break;
    case 17: {
      if (!equalsName(text, start, 'transfer-encoding')) return undefined;
      const { framing } = field;
      const value = valueOf(text, field).toLowerCase();
      framing.transferEncoding =
        framing.transferEncoding === '' ? value || ',' : `${framing.transferEncoding},${value}`;
      break;
    }
    default:
      return undefined;
  }
  field.fields.dropLastSpan();
  return undefined;
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before},${value}`;
}

function takeContentLength(value: string, { fields, framing }: FieldAt): Refusal | undefined {
  if (framing.contentLength >= 0 || !/^(?:0|[1-9]\d{0,15})$/.test(value)) return refusals.contentLength;
  const length = Number(value);
  if (!Number.isSafeInteger(length)) return refusals.contentLength;
  framing.contentLength = length;
  fields.dropLastSpan();
  return undefined;
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
