import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import type { Logger } from '../../runtime/log.ts';
import { reasonOf } from '../../runtime/reason.ts';

export type CertificateFiles = { readonly certFile: string; readonly keyFile: string };

type WatchOptions = { readonly log: Logger; readonly pollMs?: number };

/** Credentials of the two files; plain text when neither is set. Rejects with what is wrong and what to do. */
export async function openCredentials(
  { certFile, keyFile }: { readonly certFile: string | undefined; readonly keyFile: string | undefined },
  log: Logger,
): Promise<ServerCredentials> {
  if (certFile === undefined && keyFile === undefined) return ServerCredentials.createInsecure();
  if (certFile === undefined || keyFile === undefined) {
    throw new Error('set HEDDLE_TLS_CERT_FILE and HEDDLE_TLS_KEY_FILE, or neither');
  }
  return watchCertificate({ certFile, keyFile }, { log });
}

/**
 * Credentials of the certificate and key in two PEM files, which are read again when they change: by content, since
 * Kubernetes swaps a link above them. New connections get the new certificate, open ones stay; while the files cannot be
 * used, the last good pair serves. Rejects with what is wrong when they cannot be used at the start.
 */
export async function watchCertificate(
  files: CertificateFiles,
  { log, pollMs = 5000 }: WatchOptions,
): Promise<ServerCredentials> {
  const first = await readPair(files);
  if (!first.ok) throw new Error(first.message);
  const credentials = new RotatingCredentials(first.context);
  log.info(describe(first.certificate), 'Serving certificate read');
  void follow(first);
  return credentials;

  async function follow(pair: Good): Promise<void> {
    let last: Pair = pair;
    let current = pair.content;
    let wrong = '';
    while (await sleep(pollMs, true, { ref: false })) {
      const next = await readPair(files);
      if (next.ok && next.content !== current) {
        credentials.replace(next.context);
        log.info(describe(next.certificate), 'Serving certificate replaced');
        current = next.content;
      }
      // A pair may be read half before and half after it was exchanged: what is wrong is wrong when seen twice.
      if (next.ok) wrong = '';
      else if (!last.ok && last.message === next.message && wrong !== next.message) {
        log.error({ reason: next.message }, 'Serving certificate cannot be used: the last good one stays');
        wrong = next.message;
      }
      last = next;
    }
  }
}

/** grpc-js asks credentials for a TLS context, and is told of each later one. */
class RotatingCredentials extends ServerCredentials {
  constructor(context: SecureContextOptions) {
    super({ handshakeTimeout: 10_000 }, context);
  }

  replace(context: SecureContextOptions): void {
    this.updateSecureContextOptions(context);
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

type Good = {
  readonly ok: true;
  readonly content: string;
  readonly context: SecureContextOptions;
  readonly certificate: X509Certificate;
};
type Pair = Good | { readonly ok: false; readonly message: string };

async function readPair({ certFile, keyFile }: CertificateFiles): Promise<Pair> {
  let file = certFile;
  try {
    const cert = await readFile(file);
    const certificate = new X509Certificate(cert);
    file = keyFile;
    const key = await readFile(file);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) {
      return { ok: false, message: `${keyFile} is not the key of the certificate in ${certFile}; write both anew` };
    }
    return {
      ok: true,
      content: `${cert.toString()}${key.toString()}`,
      certificate,
      context: { cert, key, minVersion: 'TLSv1.3' },
    };
  } catch (error) {
    const reason = reasonOf(error);
    return { ok: false, message: `${file} cannot be used as PEM: ${reason}` };
  }
}

function describe({ subjectAltName, validTo, serialNumber }: X509Certificate): Record<string, unknown> {
  return { names: subjectAltName, validTo: new Date(validTo).toISOString(), serial: serialNumber };
}
