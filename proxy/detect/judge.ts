import type { Expectation } from '../route/expectation.ts';
import {
  beginsLikeMethod,
  beginsLikeRequest,
  beginsLikeSettings,
  detect,
  detectTlsOrHttp2,
  type Spoken,
} from './detect.ts';

const maxDetectBytes = 16_384;
const statusLine = 'HTTP/';

/**
 * What is spoken because it is declared, so that no byte needs to be looked at; `undefined`: the bytes have to tell. A port
 * for HTTP/2 may be asked in HTTP/1.1, and by a name such as `grpc` anything passed until now.
 */
export function declaredProtocol({ protocol }: Expectation): Spoken | undefined {
  return protocol === 'opaque' || protocol === 'tls' ? protocol : undefined;
}

/** Whether it is known that the client speaks first. Elsewhere a silent client may wait for its server's greeting. */
export function clientSpeaksFirst({ protocol }: Expectation): boolean {
  return protocol === 'http1';
}

/**
 * What is spoken by all the bytes that have come; `undefined`: more are needed. Where HTTP must be spoken, whatever is not
 * TLS or HTTP/2 is for its codec to refuse, from the first byte on: it must not pass routes by, however it is cut.
 */
export function protocolOf(bytes: Buffer, expected: Expectation): Spoken | undefined {
  if (!mustBeHttp(expected)) return detect(bytes) ?? (bytes.length > maxDetectBytes ? 'opaque' : undefined);
  const found = detectTlsOrHttp2(bytes);
  return found === 'neither' ? 'http1' : found;
}

/**
 * Whether these bytes tell so little when the time is over that it is worth to wait on: they are the letters of a method. A
 * request that pauses there would have no routes, metrics nor lines for its whole connection.
 */
export function isWorthWaiting(bytes: Buffer, expected: Expectation): boolean {
  return !mustBeHttp(expected) && beginsLikeMethod(bytes);
}

/** What is taken to be spoken when the time is over and the bytes that have come do not tell. */
export function protocolInTime(bytes: Buffer, expected: Expectation): Spoken {
  return mustBeHttp(expected) || beginsLikeRequest(bytes) ? 'http1' : 'opaque';
}

/** The same when the client has ended: without a byte it sends no request, but may wait for what its server says. */
export function protocolAtEnd(bytes: Buffer, expected: Expectation): Spoken {
  return mustBeHttp(expected) && bytes.length > 0 ? 'http1' : 'opaque';
}

/**
 * Whether it is a server that speaks first: `said` are its first bytes, undefined when it ended or could not be reached,
 * which is for its client to see. A server of HTTP/2 may send its SETTINGS at once, and waits for a request all the same.
 * Where routes are attached that settles nothing, nor does a response to no request (408), nor anything once the client has
 * spoken (`first`): what it asks may go elsewhere.
 */
export function isServerFirst(said: Buffer | undefined, first: Buffer, expected: Expectation): boolean {
  if (said !== undefined && beginsLikeSettings(said)) return false;
  if (!mustBeHttp(expected)) return true;
  if (said === undefined || first.length > 0) return false;
  return !statusLine.startsWith(said.toString('latin1', 0, statusLine.length));
}

function mustBeHttp({ protocol, routed }: Expectation): boolean {
  return protocol === 'http1' || routed;
}
