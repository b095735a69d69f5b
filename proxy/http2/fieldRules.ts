import { isToken, isValue } from '../message/characters.ts';
import type { Refusal } from '../message/refusal.ts';
import type { HeaderEntry } from './hpack/entry.ts';
import { http2Refusals } from './refusals.ts';

/** What a field name is made of (RFC 9113 section 8.2.1): a token's characters without capital letters. */
const isLowerToken = isToken.slice();
isLowerToken.fill(0, 65, 91);

/** What is wrong with an ordinary field in HTTP/2, of request, response or trailers (RFC 9113 section 8.2). `entry` as in HeaderSink. */
export function refuseField(name: string, value: string, entry: HeaderEntry | undefined): Refusal | undefined {
  if (entry?.isSound === true) return undefined;
  if (!isFieldName(name)) return http2Refusals.fieldName;
  if (!isFieldValue(value)) return http2Refusals.fieldValue;
  if (isConnectionSpecific(name)) return http2Refusals.connectionField;
  if (entry !== undefined) entry.isSound = true;
  return undefined;
}

/** Whether a field belongs to one connection of HTTP/1, so that HTTP/2 must not have it (RFC 9113 section 8.2.2). TE may. */
export function isConnectionSpecific(name: string): boolean {
  switch (name.length) {
    case 7:
      return name === 'upgrade';
    case 10:
      return name === 'connection' || name === 'keep-alive';
    case 16:
      return name === 'proxy-connection';
    case 17:
      return name === 'transfer-encoding';
    default:
      return false;
  }
}

function isFieldName(name: string): boolean {
  for (let at = 0; at < name.length; at++) if (isLowerToken[name.charCodeAt(at)] !== 1) return false;
  return name !== '';
}

function isFieldValue(value: string): boolean {
  const { length } = value;
  if (length === 0) return true;
  for (let at = 0; at < length; at++) if (isValue[value.charCodeAt(at)] !== 1) return false;
  // HTAB or SP: nothing else below is in isValue.
  return value.charCodeAt(0) > 32 && value.charCodeAt(length - 1) > 32;
}
