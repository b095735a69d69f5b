// @peculiar/x509 needs the reflection that this import adds.
import 'reflect-metadata';
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Certificate, KeyPair } from './types.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
/** Clocks of other nodes may be behind ours. */
const skewMs = 300_000;

/** A new CA of our own. Its name is its own too, so that two of them are told apart while both are trusted. */
export async function createAuthority(now: number, lifetimeMs: number): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const name = `CN=heddle-ca-${randomBytes(4).toString('hex')}`;
  const certificate = await X509CertificateGenerator.create({
    ...timesOf(now, lifetimeMs),
    serialNumber: serialNumber(),
    subject: name,
    issuer: name,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pairOf(certificate, keys.privateKey);
}

/** A serving certificate for the DNS names, the first of which is its common name. It ends with its CA at the latest. */
export async function issueCertificate(
  authority: KeyPair,
  request: { readonly dnsNames: readonly string[]; readonly now: number; readonly lifetimeMs: number },
): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.certificate.pem);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { notBefore, notAfter } = timesOf(request.now, request.lifetimeMs);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(request.dnsNames.map((value) => ({ type: 'dns', value }))),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer),
  ];
  const certificate = await X509CertificateGenerator.create({
    notBefore: new Date(Math.max(notBefore.getTime(), issuer.notBefore.getTime())),
    notAfter: new Date(Math.min(notAfter.getTime(), issuer.notAfter.getTime())),
    serialNumber: serialNumber(),
    subject: `CN=${request.dnsNames[0] ?? ''}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority.keyPem).toCryptoKey(algorithm, false, ['sign']),
    signingAlgorithm,
    extensions,
  });
  return pairOf(certificate, keys.privateKey);
}

/** Short lives, as in tests, are not begun in a past that would make them due at once. */
function timesOf(now: number, lifetimeMs: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(now - Math.min(skewMs, lifetimeMs / 20)), notAfter: new Date(now + lifetimeMs) };
}

/** Positive, and random as RFC 5280 wants it. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pairOf(certificate: X509Certificate, key: webcrypto.CryptoKey): KeyPair {
  const keyPem = KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate: describe(certificate), keyPem };
}

function describe(certificate: X509Certificate): Certificate {
  return {
    pem: `${certificate.toString('pem').trim()}\n`,
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
  };
}
