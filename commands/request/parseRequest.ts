import { canonicalAddress } from '../../agent/objects/address.ts';
import { dropOwnFields } from '../../proxy/message/ownFields.ts';
import type { RequestHead } from '../../proxy/message/head.ts';
import { RequestReader } from '../../proxy/http1/requestReader.ts';
import type { Refusal } from '../../proxy/message/refusal.ts';
import { CannotLook } from '../cannotLook.ts';

/** A request as somebody asks about it. */
export type AskedRequest = {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Without port and brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, as they are written: nothing is normalised. */
  readonly target: string;
  /** The Host header. */
  readonly authority: string;
  readonly headers: readonly HeaderLine[];
};

export type HeaderLine = { readonly name: string; readonly value: string };

/** `[METHOD] URL` and headers as curl takes them. Throws CannotLook for what is none. */
export function parseRequest(words: readonly string[], headers: readonly string[]): AskedRequest {
  const [first = '', second, ...rest] = words;
  if (rest.length > 0) throw new CannotLook(`${rest.join(' ')} is too much; write [METHOD] URL, and headers with -H`);
  const method = second === undefined ? 'GET' : first;
  const url = second ?? first;
  const [, scheme = 'http', hostAndPort = '', target = ''] = /^(?:(https?):\/\/)?([^/?#]+)([^#]*)/i.exec(url) ?? [];
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(hostAndPort) ?? [];
  const host = bracketed ?? plain;
  if (host === '') throw new CannotLook(`${JSON.stringify(url)} is no URL; write it as in http://cart.shop/pay/42`);
  if (bracketed !== undefined && canonicalAddress(bracketed) === undefined)
    throw new CannotLook(
      `[${bracketed}] is no IPv6 address; write one, as in http://[fd00:96::a]/, or a name without []`,
    );
  const isHttps = scheme.toLowerCase() === 'https';
  const given = headers.map(parseHeader);
  const named = given.find(({ name }) => name.toLowerCase() === 'host');
  return {
    method,
    scheme: isHttps ? 'https' : 'http',
    host,
    port: port === undefined ? (isHttps ? 443 : 80) : Number(port),
    target: target.startsWith('/') ? target : `/${target}`,
    authority: named?.value ?? hostAndPort,
    headers: given.filter((header) => header !== named),
  };
}

function parseHeader(line: string): HeaderLine {
  const [, name, value = ''] = /^([^:\r\n]+):[ \t]*([^\r\n]*)$/.exec(line) ?? [];
  if (name === undefined)
    throw new CannotLook(`${JSON.stringify(line)} is no header; write it as in -H 'x-user: tester'`);
  return { name, value };
}

/** The first bytes of a client that speaks TLS (RFC 8446 section 5.1). */
const hello = Buffer.from([22, 3, 1, 0, 200, 1]);

/** What comes over the connection, as far as it tells how the connection is served. */
export function bytesOf({ method, scheme, target, authority, headers }: AskedRequest): Buffer {
  if (scheme === 'https') return hello;
  const lines = headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: ${authority}\r\n${lines}\r\n`);
}

/** The head as the sidecar's own codec reads it, or how that refuses it. */
export function readHead(
  bytes: Buffer,
): { readonly ok: true; readonly head: RequestHead } | { readonly ok: false; readonly refusal: Refusal } {
  const reader = new RequestReader();
  const read = reader.readHead(bytes, 0, bytes.length);
  if (read === 'whole') {
    if (reader.head.hasOwnFields) dropOwnFields(reader.head.headers);
    return { ok: true, head: reader.head };
  }
  if (reader.refusal === undefined) throw new Error('the head of the request did not come to its end');
  return { ok: false, refusal: reader.refusal };
}
