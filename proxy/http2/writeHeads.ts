import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import { isWebSocket } from '../message/upgrades.ts';
import { isConnectionSpecific } from './fieldRules.ts';
import type { HpackEncoder } from './hpack/encoder.ts';

/** Writes a request head, of whatever protocol it came, as a header block (RFC 9113 section 8.3.1). */
export function writeRequestHead(encoder: HpackEncoder, head: RequestHead): void {
  const { headers, path, authority, upgrade } = head;
  const isTunnel = upgrade !== '';
  encoder.begin();
  encoder.field(':method', isTunnel ? 'CONNECT' : head.method);
  // What HTTP/1.1 asks for by Upgrade (RFC 8441).
  if (isTunnel) encoder.field(':protocol', isWebSocket(upgrade) ? 'websocket' : upgrade);
  encoder.field(':scheme', head.scheme);
  put(encoder, headers, ':path', head.hasQuery ? `${path}?${head.query}` : path);
  if (authority !== '') put(encoder, headers, ':authority', authority);
  writeFields(encoder, isTunnel ? withoutKey(headers) : headers);
  if (head.bodyLength > 0 || (head.bodyLength === 0 && head.explicitLength && !isTunnel))
    encoder.field('content-length', String(head.bodyLength));
}

/** Writes a response head, interim ones too. */
export function writeResponseHead(encoder: HpackEncoder, head: ResponseHead): void {
  const { status } = head;
  encoder.begin();
  encoder.field(':status', String(status));
  writeFields(encoder, head.headers);
  const { bodyLength, version } = head;
  // As in HTTP/1.1: HEAD and 304 tell the length of what they leave out, 1xx and 204 must not (RFC 9110 section 8.6). None is
  // put to what came by HTTP/2 and had no body: to gRPC it would be a field of an answer that is its trailers alone.
  if (bodyLength > (version === '2.0' ? 0 : -1) && status >= 200 && status !== 204)
    encoder.field('content-length', String(bodyLength));
}

/** Writes a trailer section; the encoder has no bytes then where nothing is left of it. */
export function writeTrailers(encoder: HpackEncoder, trailers: Fields): void {
  encoder.begin();
  writeFields(encoder, trailers);
}

/** A WebSocket of HTTP/2 has none (RFC 8441 section 5). */
function withoutKey(headers: Fields): Fields {
  const fields = headers.copy();
  fields.remove('sec-websocket-key');
  return fields;
}

function writeFields(encoder: HpackEncoder, fields: Fields): void {
  fields.forEach((name, value) => {
    if (!isConnectionSpecific(name)) put(encoder, fields, name, trimmed(value));
  });
}

function put(encoder: HpackEncoder, fields: Fields, name: string, value: string): void {
  if (fields.isSecret(name)) encoder.secretField(name, value);
  else encoder.field(name, value);
}

const around = /^[\t ]+|[\t ]+$/g;

/** What a filter sets may have white space around it, which HTTP/1.1 ignores and HTTP/2 must not have (RFC 9113 section 8.2.1). */
function trimmed(value: string): string {
  const { length } = value;
  if (length === 0 || (value.charCodeAt(0) > 32 && value.charCodeAt(length - 1) > 32)) return value;
  return value.replace(around, '');
}
