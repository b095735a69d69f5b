import { refuse } from '../message/refusal.ts';

/**
 * Every way in which a decoded head can be wrong in HTTP/2 alone (RFC 9113 section 8); what can be wrong with any stands
 * in message/refusal.ts. A request that gets 400 is malformed: a stream error PROTOCOL_ERROR.
 */
export const http2Refusals = {
  pseudo: refuse(400, 'there is a pseudo-header field that is unknown here, or there twice, or behind other fields'),
  incomplete: refuse(400, 'a request needs :method, :scheme and :path; CONNECT needs :authority alone'),
  method: refuse(400, ':method is no token'),
  scheme: refuse(400, ':scheme is neither http nor https'),
  fieldName: refuse(400, 'a header field name is no token, or has capital letters'),
  fieldValue: refuse(400, 'a header field value has a control character, or begins or ends with white space'),
  connectionField: refuse(400, 'a field that belongs to a connection (Connection, Upgrade, TE, ...) came in HTTP/2'),
  authority: refuse(400, ':authority and Host differ'),
  bodyMissing: refuse(400, 'Content-Length announces a body, but none follows'),
  tunnelLength: refuse(400, 'a request for a tunnel (:protocol) has a Content-Length'),
  tunnelledHttp: refuse(501, 'HTTP is not spoken inside of HTTP/2 (:protocol): no route would see its requests'),
  status: refuse(502, 'there is not exactly one :status, a number of three digits'),
  interim: refuse(502, 'an interim response ends its stream, or switches protocols, which HTTP/2 does not know'),
} as const;
