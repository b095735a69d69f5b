import type { Filter, HeaderModifier } from '../model.ts';
import { corsProblem } from './cors.ts';
import { isToken } from './token.ts';

/**
 * Why a filter must not be applied, naming the field and what to do: what it would write is no header name, header value
 * or host, and could end a message early. `undefined` for a good filter.
 */
export function filterProblem(filter: Filter): string | undefined {
  if (filter.type === 'RequestHeaderModifier' || filter.type === 'ResponseHeaderModifier')
    return headersProblem(filter);
  if (filter.type === 'CORS') return corsProblem(filter);
  if (filter.type !== 'RequestRedirect' && filter.type !== 'URLRewrite') return undefined;
  if (filter.hostname === undefined || hostname.test(filter.hostname)) return undefined;
  return `hostname ${JSON.stringify(filter.hostname)} is no host name; use letters, digits, dots and hyphens`;
}

function headersProblem({ set, add, remove }: HeaderModifier): string | undefined {
  for (const name of [...set, ...add].map((field) => field.name).concat(remove)) {
    if (!isToken(name)) return `${JSON.stringify(name)} is no header name (RFC 9110 section 5.1)`;
    if (reserved.has(name.toLowerCase())) return `header ${name} cannot be changed: ${adviceFor(name)}`;
  }
  for (const { name, value } of [...set, ...add]) {
    if (!fieldValue.test(value)) return `the value of header ${name} has a character that headers must not have`;
  }
  return undefined;
}

function adviceFor(name: string): string {
  return name.toLowerCase() === 'host' ? 'use URLRewrite with a hostname' : 'it belongs to the connection; remove it';
}

/** Headers that frame or address a message: changing one would let it be read differently on the next hop. */
const reserved = new Set(
  'connection content-length host keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);

const hostname = /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;

/** No control character; what is outside of ASCII is written as its UTF-8 bytes (bytes.ts), which half a pair has not. */
const fieldValue = /^[\t\x20-\x7e\u0080-\ud7ff\ue000-\u{10ffff}]*$/u;
