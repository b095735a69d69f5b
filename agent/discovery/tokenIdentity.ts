import { status } from '@grpc/grpc-js';
import type { Api } from '../../kubernetes/api.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Identified, Identify, Identity } from './identity.ts';
import { PeerRates } from './peerRates.ts';
import { ReviewCache } from './reviewCache.ts';
import { createSeldom } from '../../runtime/seldom.ts';
import { bearerToken, readClaims } from './token.ts';
import { reviewToken } from './tokenReview.ts';

export type TokenIdentityOptions = {
  readonly api: Api;
  readonly audience: string;
  readonly log: Logger;
  /** Unix time in milliseconds. */
  readonly now?: () => number;
};

const refusalsEveryMs = 60_000;
const failuresEveryMs = 10_000;
const rememberedPeers = 1000;
/** So that no one address takes all turns; several pods may share one behind a translating node. */
const reviewsPerPeer = 16;
/** Reviews that one address may cause in the long run. */
const reviewRate = { perSecond: 4, burst: 64 };

/** By the ServiceAccount token it brings, which the API server reviews; what a sidecar says of itself is not asked. */
export function identifyByToken({ api, audience, log, now = Date.now }: TokenIdentityOptions): Identify {
  const mayLogRefusal = createSeldom(refusalsEveryMs, rememberedPeers);
  const mayLogFailure = createSeldom(failuresEveryMs, 1);
  const cache = new ReviewCache({ review: (token) => reviewToken(api, token, audience), now });
  const reviews = new PeerRates(reviewRate);
  const asking = new Map<string, number>();
  const help = `mount a projected ServiceAccount token with audience ${audience} and name its file in HEDDLE_AGENT_TOKEN_FILE`;

  return async ({ peer, authorization, log: streamLog }) => {
    const refuse = (reason: string): Identified => {
      if (mayLogRefusal(peer)) streamLog.warn({ reason }, 'Stream refused: it does not prove which pod it is');
      return { ok: false, code: status.UNAUTHENTICATED, message: reason };
    };
    if (authorization === undefined) return refuse(`there is no token; ${help}`);
    const token = bearerToken(authorization);
    const claims = token === undefined ? undefined : readClaims(token);
    if (token === undefined || claims === undefined) return refuse(`this is no ServiceAccount token; ${help}`);
    // Whatever names another audience needs no review, and the API server gets none of what others are to be given.
    if (!claims.audiences.includes(audience)) {
      return refuse(`the token is for the audience ${JSON.stringify(claims.audiences).slice(0, 200)}; ${help}`);
    }
    const asked = asking.get(peer) ?? 0;
    if (asked >= reviewsPerPeer) return unavailable('too many tokens of this address are being reviewed; try again');
    asking.set(peer, asked + 1);
    let isTooFast = false;
    const review = await cache.get(token, claims.expiresMs, () => {
      isTooFast = !reviews.allows(peer);
      return !isTooFast;
    });
    const left = (asking.get(peer) ?? 1) - 1;
    if (left > 0) asking.set(peer, left);
    else asking.delete(peer);
    if (review.type === 'pod') return served(review.identity);
    if (review.type === 'refused') return refuse(review.message);
    if (isTooFast) return unavailable(review.message);
    if (mayLogFailure('')) log.error({ reason: review.message }, 'Tokens cannot be reviewed: sidecars have to wait');
    return unavailable('the agent cannot ask the Kubernetes API whose the token is; its log says why; try again');
  };
}

function served(identity: Identity): Identified {
  return { ok: true, identityAmong: () => identity };
}

function unavailable(message: string): Identified {
  return { ok: false, code: status.UNAVAILABLE, message };
}
