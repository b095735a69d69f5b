import { defaultReasons, type Flag } from '../observe/flags.ts';

/** Why a message is not accepted: the status that a request gets for it, and a sentence for the log. */
export type Refusal = { readonly status: number; readonly message: string; readonly flag: Flag };

/** A refusal of one protocol alone is made in its room. */
export const refuse = (status: number, message: string, flag: Flag = 'DPE'): Refusal =>
  Object.freeze({ status, message, flag });

/** Every way a message head or body can be wrong (http-safety rules 1 to 10; RFC 9110, RFC 9112). */
export const refusals = {
  headTimeout: refuse(408, 'the request head did not arrive in time', 'SI'),
  overload: refuse(503, defaultReasons.OM, 'OM'),
  requestLine: refuse(400, 'the request line is malformed'),
  methodTooLong: refuse(501, 'the method is too long'),
  target: refuse(400, 'the request target is malformed or has characters that must be percent-encoded'),
  targetTooLong: refuse(414, 'the request target is too long'),
  connect: refuse(405, 'CONNECT is not supported: address the service directly'),
  version: refuse(505, 'only HTTP/1.0 and HTTP/1.1 are spoken here'),
  headTooLarge: refuse(431, 'the head has more than 64 KiB'),
  tooManyFields: refuse(431, 'there are more than 100 header fields'),
  connectionOptions: refuse(431, 'Connection has more than 32 options'),
  character: refuse(400, 'the head has a control character, or a CR without LF'),
  fieldName: refuse(400, 'a header field name is malformed (white space before the colon, a folded line, or no token)'),
  fieldValue: refuse(400, 'a header field value has a control character, or a line does not end in CRLF'),
  lineEnd: refuse(400, 'a line of the head ends in a bare LF'),
  host: refuse(400, 'exactly one valid Host header field is needed'),
  contentLength: refuse(400, 'Content-Length must be one plain decimal number'),
  lengthAndCoding: refuse(400, 'Content-Length and Transfer-Encoding together are ambiguous'),
  codingOrder: refuse(400, 'chunked must be the last and only transfer coding'),
  coding: refuse(501, 'the only transfer coding supported is chunked'),
  codingInHttp10: refuse(400, 'HTTP/1.0 has no transfer codings'),
  expect: refuse(417, 'the only expectation supported is 100-continue'),
  statusLine: refuse(502, 'the status line is malformed'),
  chunk: refuse(400, 'the chunked body is malformed'),
  trailers: refuse(400, 'the trailer section is malformed or too large'),
} as const satisfies Record<string, Refusal>;
