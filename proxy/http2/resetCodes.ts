import type { Failure } from '../message/interfaces.ts';
import { errorCodes, type ErrorName } from './protocol.ts';

const { CANCEL, INTERNAL_ERROR, ENHANCE_YOUR_CALM } = errorCodes;

/**
 * With which code a client is told that its response is cut off (RFC 9113 section 7). An endpoint's own goes on where it says
 * something of the request: that nobody wants it any more, or that there are too many. The others are about the endpoint's own
 * connection, or would make of half a response one that is whole (NO_ERROR) or was never begun (REFUSED_STREAM).
 */
export function codeForClient({ flag, code }: Failure): ErrorName {
  if (code === CANCEL || flag === 'SI') return 'CANCEL';
  return code === ENHANCE_YOUR_CALM || flag === 'OM' ? 'ENHANCE_YOUR_CALM' : 'INTERNAL_ERROR';
}

/**
 * With which code an endpoint is told that its request is given up; `why`: how its client's side has ended. What a client says of
 * its own connection, or of nothing, is for the endpoint that nobody waits any more.
 */
export function codeForEndpoint(why: Failure | undefined): ErrorName {
  if (why?.code === INTERNAL_ERROR) return 'INTERNAL_ERROR';
  return why?.code === ENHANCE_YOUR_CALM ? 'ENHANCE_YOUR_CALM' : 'CANCEL';
}
