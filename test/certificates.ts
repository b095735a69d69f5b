import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export const agentName = 'heddle-agent.heddle-system.svc';

export type Issued = { readonly cert: string; readonly key: string };
export type Ca = {
  readonly pem: string;
  issue(options?: { readonly names?: readonly string[]; readonly notAfter?: Date }): Promise<Issued>;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hour = 3_600_000;
let serial = 1;

/** A CA of its own key; all of them have one name, as one mesh's CAs may. */
export async function makeCa(): Promise<Ca> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const keyId = await SubjectKeyIdentifierExtension.create(keys.publicKey);
  const ca = await X509CertificateGenerator.createSelfSigned({
    serialNumber: nextSerial(),
    name: 'CN=heddle',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + hour),
    extensions: [new BasicConstraintsExtension(true, undefined, true), keyId],
  });
  return {
    pem: `${ca.toString('pem')}\n`,
    async issue({ names = [agentName], notAfter = new Date(Date.now() + hour) } = {}) {
      const leaf = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const certificate = await X509CertificateGenerator.create({
        serialNumber: nextSerial(),
        subject: 'CN=heddle-agent',
        issuer: ca.subject,
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: new Date(Date.now() - hour),
        notAfter,
        extensions: [
          new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey);
      return { cert: `${certificate.toString('pem')}\n`, key: `${PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n` };
    },
  };
}

function nextSerial(): string {
  serial += 1;
  return serial.toString(16).padStart(4, '0');
}
