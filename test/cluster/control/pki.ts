import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** Certificates of one cluster, in a folder: `ca.crt`, and `<name>.crt` with `<name>.key` for each that was issued. */
export type Pki = {
  readonly folder: string;
  /** Issues a certificate for servers and clients, valid for a month. */
  issue(name: string, subject: Subject): Promise<void>;
  file(name: string): string;
};

export type Subject = {
  readonly user: string;
  readonly group?: string;
  /** DNS names and IP addresses it may serve. */
  readonly serves?: readonly (
    | { readonly type: 'dns'; readonly value: string }
    | { readonly type: 'ip'; readonly value: string }
  )[];
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes a certificate authority and the key pair that signs ServiceAccount tokens (`sa.key`, `sa.pub`). */
export async function createPki(folder: string): Promise<Pki> {
  await mkdir(folder, { recursive: true });
  const validity = { notBefore: daysFromNow(-1), notAfter: daysFromNow(30) };
  const keys = await generateKeys();
  const name = 'CN=heddle-test-cluster';
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    ...validity,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const file = (of: string): string => join(folder, of);
  const write = (of: string, text: string): Promise<void> => writeFile(file(of), text, { mode: 0o600 });
  await write('ca.crt', ca.toString('pem'));
  await write('ca.key', await privatePem(keys));
  const tokens = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await write('sa.key', tokens.privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await write('sa.pub', tokens.publicKey.export({ type: 'spki', format: 'pem' }));
  return {
    folder,
    file,
    async issue(of, { user, group, serves = [] }) {
      const own = await generateKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: new x509.Name([...(group === undefined ? [] : [{ O: [group] }]), { CN: [user] }]).toString(),
        issuer: name,
        ...validity,
        signingKey: keys.privateKey,
        publicKey: own.publicKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
          ...(serves.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...serves])]),
        ],
      });
      await write(`${of}.crt`, certificate.toString('pem'));
      await write(`${of}.key`, await privatePem(own));
    },
  };
}

/** Writes a kubeconfig that speaks as the one the certificate `<name>.crt` was issued for, with nothing but text in it. */
export async function writeKubeconfig(pki: Pki, name: string, server: string): Promise<string> {
  const target = join(pki.folder, `${name}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'heddle-test', cluster: { server, 'certificate-authority': pki.file('ca.crt') } }],
    users: [{ name, user: { 'client-certificate': pki.file(`${name}.crt`), 'client-key': pki.file(`${name}.key`) } }],
    contexts: [{ name: 'heddle-test', context: { cluster: 'heddle-test', user: name } }],
    'current-context': 'heddle-test',
  };
  await writeFile(target, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return target;
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function privatePem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
}

function serial(): string {
  return `01${randomBytes(8).toString('hex')}`;
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}
