/** A certificate and its times in milliseconds since 1970. */
export type Certificate = { readonly pem: string; readonly notBefore: number; readonly notAfter: number };

/** A certificate with its private key (PKCS 8, PEM). */
export type KeyPair = { readonly certificate: Certificate; readonly keyPem: string };

/** What the Secret heddle-ca holds. */
export type Authorities = {
  /** Signs all certificates of the mesh. */
  readonly signing: KeyPair;
  readonly signingSince: number;
  /** Trusted already, will sign once everybody had the time to learn of it. */
  readonly next: { readonly pair: KeyPair; readonly since: number } | undefined;
  /** Every CA that must be trusted: signing and next among them. */
  readonly trusted: readonly Certificate[];
};

/** Lifetimes in milliseconds. */
export type Lifetimes = {
  readonly authorityMs: number;
  /** Of serving certificates; also how long a CA stays trusted after it signed for the last time. */
  readonly certificateMs: number;
  /** How long a new CA is trusted before it signs: mounted files reach pods within two minutes. */
  readonly overlapMs: number;
};

/** The bundle as text, for `ca.crt` and `caBundle`. */
export function bundleOf({ trusted }: Authorities): string {
  return trusted.map(({ pem }) => `${pem.trim()}\n`).join('');
}
