import { equalsName, type Fields } from '../message/fields.ts';
import { readContentLength } from '../message/contentLength.ts';
import { isToken, isValue } from '../message/characters.ts';
import type { Framing } from './framing.ts';
import type { HeadBytes } from './headBytes.ts';
import { maxFields } from '../message/limits.ts';
import { ownPrefix } from '../message/ownFields.ts';
import { type Refusal, refusals } from '../message/refusal.ts';

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
    // Before it is added: what Fields has grown to stays with the connection.
    if (fields.parsedCount === maxFields) return refusals.tooManyFields;
    fields.addSpan(nameStart - start, nameEnd - start, valueStart - start, valueEnd - start);
    const nameLength = nameEnd - nameStart;
    // Of the names that begin so there is hardly any but Host.
    if (
      ((bytes[nameStart] ?? 0) | 32) === 104 &&
      nameLength >= ownPrefix.length &&
      equalsName(from.text, nameStart - start, ownPrefix)
    )
      into.framing.ours = true;
    if (nameLength > longestFraming || mayFrame[(nameLength << 5) | ((bytes[nameStart] ?? 0) & 31)] !== 1) continue;
    const field = { start: nameStart - start, nameLength, valueStart: valueStart - start, valueEnd: valueEnd - start };
    const refusal = takeFraming(from.text, field, into);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Positions in the text of the head. */
type FieldAt = {
  readonly start: number;
  readonly nameLength: number;
  readonly valueStart: number;
  readonly valueEnd: number;
};
type Into = { readonly fields: Fields; readonly framing: Framing };

// How long the names are that takeFraming knows, and how they begin (in five bits): hardly another field does both.
const longestFraming = 17;
const mayFrame = new Uint8Array((longestFraming + 1) << 5);
for (const name of 'te host expect upgrade connection keep-alive traceparent content-length proxy-connection transfer-encoding'.split(
  ' ',
))
  mayFrame[(name.length << 5) | (name.charCodeAt(0) & 31)] = 1;

// An element of the list (RFC 9110 section 10.1.4), not a part of another word.
const acceptsTrailers = /(?:^|,)[ \t]*trailers[ \t]*(?:,|$)/i;

function takeFraming(text: string, field: FieldAt, { fields, framing }: Into): Refusal | undefined {
  const { start } = field;
  switch (field.nameLength) {
    case 2:
      if (!equalsName(text, start, 'te')) return undefined;
      if (acceptsTrailers.test(valueOf(text, field))) framing.trailersAccepted = true;
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
      framing.upgrade = joined(framing.upgrade, valueOf(text, field));
      break;
    case 10:
      if (equalsName(text, start, 'connection')) {
        framing.connection = joined(framing.connection, valueOf(text, field).toLowerCase());
        break;
      }
      if (!equalsName(text, start, 'keep-alive')) return undefined;
      framing.keepAlive = valueOf(text, field);
      break;
    case 11:
      if (equalsName(text, start, 'traceparent')) framing.traced = true;
      return undefined;
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

/** Only once (http-safety rule 1). */
function takeContentLength(text: string, { valueStart, valueEnd }: FieldAt, framing: Framing): boolean {
  if (framing.contentLength >= 0) return false;
  framing.contentLength = readContentLength(text, valueStart, valueEnd);
  return framing.contentLength >= 0;
}

function valueOf(text: string, field: FieldAt): string {
  return text.slice(field.valueStart, field.valueEnd);
}
