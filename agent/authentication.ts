import type { ServerCredentials } from '@grpc/grpc-js';
import type { Logger } from '../runtime/log.ts';
import { openCredentials } from './discovery/certificate.ts';
import { type Identify, identifyByAddress } from './discovery/identity.ts';
import { identifyByToken } from './discovery/tokenIdentity.ts';
import type { Origin } from './origin.ts';

/** How sidecars know the agent, and the agent them. */
export type Authentication = { readonly credentials: ServerCredentials; readonly identify: Identify };

type AuthenticationSettings = {
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly tokenAudience: string;
};

/**
 * The serving certificate, and who its callers are: on a cluster pods by their tokens, else pods by the addresses that
 * the folder gives them. Rejects with what to do when the certificate cannot be used.
 */
export async function openAuthentication(
  settings: AuthenticationSettings,
  origin: Origin,
  log: Logger,
): Promise<Authentication> {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, tokenAudience: audience } = settings;
  const credentials = await openCredentials({ certFile, keyFile }, log);
  if (origin.type === 'folder') return { credentials, identify: identifyByAddress };
  if (certFile !== undefined) return { credentials, identify: identifyByToken({ api: origin.api, audience, log }) };
  log.warn(
    'No serving certificate: sidecars cannot say who they are in plain text and get no consumer routes; set HEDDLE_TLS_CERT_FILE and HEDDLE_TLS_KEY_FILE',
  );
  return { credentials, identify: () => ({ ok: true, identityAmong: () => undefined }) };
}
