import type { Expectation } from '../route/expectation.ts';
import { beginsLikeRequest, detect, type Spoken } from './detect.ts';

const maxDetectBytes = 16_384;

/** What is spoken because it is declared, so that no byte needs to be looked at; `undefined`: the bytes have to tell. */
export function declaredProtocol({ protocol }: Expectation): Spoken | undefined {
  return protocol === 'detect' || protocol === 'http1' ? undefined : protocol;
}

/** Whether it is the client that speaks first, as in HTTP. Elsewhere a silent client may wait for its server's greeting. */
export function clientSpeaksFirst({ protocol, routed }: Expectation): boolean {
  return protocol === 'http1' || routed;
}

/**
 * What is spoken by all the bytes that have come; `undefined`: more are needed. Bytes that are no HTTP are for its codec to
 * refuse where it is declared, and where they begin like a request that routes must not be passed by with.
 */
export function protocolOf(bytes: Buffer, expected: Expectation): Spoken | undefined {
  const spoken = detect(bytes) ?? (bytes.length > maxDetectBytes ? 'opaque' : undefined);
  if (spoken !== 'opaque') return spoken;
  const mustBeHttp = expected.protocol === 'http1' || (expected.routed && beginsLikeRequest(bytes));
  return mustBeHttp ? 'http1' : 'opaque';
}

/** What is taken to be spoken when no more bytes come and those that did, if any, do not tell. */
export function protocolWithoutMore({ protocol }: Expectation): Spoken {
  return protocol === 'http1' ? 'http1' : 'opaque';
}
