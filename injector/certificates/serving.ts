import { issueCertificate } from './issue.ts';
import { coversNames, isSignedBy } from './read.ts';
import { renewAfter, renewalTime } from './rotation.ts';
import type { Authorities, KeyPair, Lifetimes } from './types.ts';

export type Wanted = { readonly dnsNames: readonly string[]; readonly lifetimes: Lifetimes; readonly now: number };

/** Replicas renew up to this part of a certificate's life apart, so that not all do it at once. */
const spread = 0.1;

/**
 * A serving certificate that is good for now: the present one, or a new one when there is none, it is not for these
 * names, the CA that signs has changed, or it has lived two thirds of its life. `jitter` is from 0 to 1.
 */
export async function keepCertificate(
  present: KeyPair | undefined,
  { signing }: Authorities,
  { dnsNames, lifetimes, now, jitter }: Wanted & { readonly jitter: number },
): Promise<KeyPair> {
  if (present !== undefined && isGood(present, signing, { dnsNames, now, jitter })) return present;
  return issueCertificate(signing, { dnsNames, now, lifetimeMs: lifetimes.certificateMs });
}

function isGood(
  { certificate }: KeyPair,
  signing: KeyPair,
  wanted: { readonly dnsNames: readonly string[]; readonly now: number; readonly jitter: number },
): boolean {
  return (
    wanted.now < renewalTime(certificate, renewAfter - spread * wanted.jitter) &&
    isSignedBy(certificate, signing.certificate) &&
    coversNames(certificate, wanted.dnsNames)
  );
}
