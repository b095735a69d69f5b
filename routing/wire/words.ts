import type { HTTPPathMatch, Protocol } from '../model.ts';
import { MatchType, Protocol as WireProtocol } from './generated/heddle/v1/routing_pb.ts';

/** The model's words for protocols as numbers on the wire. */
export const protocolNumbers = {
  detect: WireProtocol.DETECT,
  http1: WireProtocol.HTTP1,
  http2: WireProtocol.HTTP2,
  tls: WireProtocol.TLS,
  opaque: WireProtocol.OPAQUE,
} as const satisfies Record<Protocol, WireProtocol>;

/** The model's words for kinds of matches as numbers on the wire. */
export const matchTypeNumbers = {
  Exact: MatchType.EXACT,
  PathPrefix: MatchType.PATH_PREFIX,
  RegularExpression: MatchType.REGULAR_EXPRESSION,
} as const satisfies Record<HTTPPathMatch['type'], MatchType>;
