import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Certificate, KeyPair } from './types.ts';

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

const pemBlock = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** A certificate and its key from PEM texts, checked to belong together. */
export function readKeyPair(certificatePem: string, keyPem: string): Read<KeyPair> {
  const [certificate, ...more] = readCertificates(certificatePem);
  if (certificate === undefined || more.length > 0) return { ok: false, message: 'not one PEM certificate' };
  try {
    const key = createPrivateKey(keyPem);
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
      return { ok: false, message: 'the key is not an ECDSA key of P-256' };
    }
    if (!new X509Certificate(certificate.pem).checkPrivateKey(key)) {
      return { ok: false, message: 'the key does not belong to the certificate' };
    }
  } catch {
    return { ok: false, message: 'the key is not a PEM private key' };
  }
  return { ok: true, value: { certificate, keyPem } };
}

/** The certificates of a bundle that can be read, each once. */
export function readCertificates(bundle: string): Certificate[] {
  const found = new Map<string, Certificate>();
  for (const block of bundle.match(pemBlock) ?? []) {
    const certificate = readCertificate(block);
    if (certificate !== undefined) found.set(certificate.pem, certificate);
  }
  return [...found.values()];
}

function readCertificate(block: string): Certificate | undefined {
  try {
    const certificate = new X509Certificate(block);
    const pem = `${certificate.toString().trim()}\n`;
    return { pem, notBefore: certificate.validFromDate.getTime(), notAfter: certificate.validToDate.getTime() };
  } catch {
    return undefined;
  }
}

/** Whether one certificate signed the other. */
export function isSignedBy(certificate: Certificate, authority: Certificate): boolean {
  try {
    const issuer = new X509Certificate(authority.pem);
    const issued = new X509Certificate(certificate.pem);
    return issued.checkIssued(issuer) && issued.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** Whether a certificate may sign others. */
export function isAuthority(certificate: Certificate): boolean {
  return new X509Certificate(certificate.pem).ca;
}

/** Whether it is a certificate for all of these names. */
export function coversNames(certificate: Certificate, dnsNames: readonly string[]): boolean {
  const read = new X509Certificate(certificate.pem);
  return dnsNames.every((name) => read.checkHost(name, { subject: 'never' }) !== undefined);
}
