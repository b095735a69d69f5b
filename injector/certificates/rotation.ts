import type { Authorities, Certificate, KeyPair, Lifetimes } from './types.ts';

/** What is to be done with the CAs now; `begin` and `prepare` need a new one. */
export type Step = 'none' | 'begin' | 'prepare' | 'promote' | 'forget';

/** The part of its life after which a certificate is replaced. */
export const renewAfter = 2 / 3;

/**
 * The next step of replacing CAs without a gap: at two thirds of its life a successor is made and trusted everywhere
 * (`prepare`); after the overlap it signs (`promote`); when all that its predecessor signed has expired, that one is
 * trusted no longer (`forget`). `begin`: there is no CA that could sign.
 */
export function planRotation(state: Authorities | undefined, now: number, lifetimes: Lifetimes): Step {
  if (state === undefined) return 'begin';
  const { signing, next } = state;
  const isExpired = signing.certificate.notAfter <= now;
  if (next !== undefined && next.pair.certificate.notAfter > now) {
    if (isExpired || now >= next.since + lifetimes.overlapMs) return 'promote';
  } else {
    if (isExpired) return 'begin';
    if (now >= renewalTime(signing.certificate, renewAfter)) return 'prepare';
  }
  return state.trusted.some((certificate) => isForgettable(certificate, state, { now, lifetimes })) ? 'forget' : 'none';
}

/** When a certificate has lived `part` of its life. */
export function renewalTime({ notBefore, notAfter }: Certificate, part: number): number {
  return notBefore + (notAfter - notBefore) * part;
}

/** The state after a step. `fresh` is the new CA of `begin` and `prepare`. */
export function takeStep(
  state: Authorities | undefined,
  step: { readonly type: 'begin' | 'prepare'; readonly fresh: KeyPair } | { readonly type: 'promote' | 'forget' },
  moment: { readonly now: number; readonly lifetimes: Lifetimes },
): Authorities {
  const { now } = moment;
  if (step.type === 'begin' || state === undefined) {
    if (step.type !== 'begin') throw new TypeError(`${step.type} needs a CA`);
    const trusted = (state?.trusted ?? []).filter(({ notAfter }) => notAfter > now);
    return { signing: step.fresh, signingSince: now, next: undefined, trusted: [step.fresh.certificate, ...trusted] };
  }
  if (step.type === 'prepare') {
    const next = { pair: step.fresh, since: now };
    const without = state.trusted.filter(({ pem }) => pem !== state.next?.pair.certificate.pem);
    return { ...state, next, trusted: [...without, step.fresh.certificate] };
  }
  if (step.type === 'promote') {
    if (state.next === undefined) throw new TypeError('there is no CA to promote');
    return { ...state, signing: state.next.pair, signingSince: now, next: undefined };
  }
  return { ...state, trusted: state.trusted.filter((certificate) => !isForgettable(certificate, state, moment)) };
}

/** A CA that neither signs nor will, and whose last signature has expired. */
function isForgettable(
  certificate: Certificate,
  { signing, signingSince, next }: Authorities,
  { now, lifetimes }: { readonly now: number; readonly lifetimes: Lifetimes },
): boolean {
  if (certificate.pem === signing.certificate.pem || certificate.pem === next?.pair.certificate.pem) return false;
  return certificate.notAfter <= now || now >= signingSince + lifetimes.certificateMs;
}
