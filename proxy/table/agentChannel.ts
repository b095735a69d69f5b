import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, Client, credentials, Metadata } from '@grpc/grpc-js';

/** How the agent proves itself and the sidecar proves which pod it is. */
export type AgentAuthentication = {
  /** PEM of the CAs that may sign the agent's certificate. */
  readonly caFile: string;
  /** A projected ServiceAccount token; empty: none is sent. */
  readonly tokenFile: string;
  /** What the agent's certificate must be for. */
  readonly serverName: string;
};

export type OpenedChannel =
  | { readonly ok: true; readonly client: Client; readonly metadata: Metadata }
  | { readonly ok: false; readonly message: string };

const options: ChannelOptions = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
  // The agent is never behind a proxy, and DNS says nothing of how to call it.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
};

/**
 * A channel of its own for one stream: the name is resolved, the CA and the token are read, and a connection is made
 * anew, so what changed since the last stream counts, and the Service may choose another agent. The caller closes it.
 */
export function openChannel(address: string, authentication: AgentAuthentication | undefined): OpenedChannel {
  const metadata = new Metadata();
  if (authentication === undefined) {
    return { ok: true, metadata, client: new Client(address, credentials.createInsecure(), options) };
  }
  const security = trustIn(authentication.caFile);
  if (!security.ok) return security;
  if (authentication.tokenFile !== '') {
    const token = read(authentication.tokenFile);
    if (!token.ok) return { ok: false, message: `HEDDLE_AGENT_TOKEN_FILE ${token.message}` };
    const bearer = token.text.trim();
    // Anything else cannot stand in a header.
    if (!/^[\w.~+/=-]+$/.test(bearer))
      return { ok: false, message: `HEDDLE_AGENT_TOKEN_FILE ${authentication.tokenFile} holds no token` };
    metadata.set('authorization', `Bearer ${bearer}`);
  }
  const client = new Client(address, security.credentials, {
    ...options,
    'grpc.ssl_target_name_override': authentication.serverName,
    'grpc.default_authority': authentication.serverName,
  });
  return { ok: true, metadata, client };
}

type Trusted =
  | { readonly ok: true; readonly credentials: ChannelCredentials }
  | { readonly ok: false; readonly message: string };

function trustIn(file: string): Trusted {
  const pem = read(file);
  if (!pem.ok) return { ok: false, message: `HEDDLE_AGENT_CA_FILE ${pem.message}` };
  const blocks = pem.text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  // OpenSSL passes over what it cannot read, and would then trust nobody without saying why.
  const ca = blocks.filter(isCertificate);
  if (ca.length === 0) return { ok: false, message: `HEDDLE_AGENT_CA_FILE ${file} holds no CA certificate in PEM` };
  const context = createSecureContext({ ca, minVersion: 'TLSv1.3' });
  return { ok: true, credentials: credentials.createFromSecureContext(context) };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}

function read(file: string): { ok: true; text: string } | { ok: false; message: string } {
  try {
    const text = readFileSync(file, 'utf8');
    return text.trim() === '' ? { ok: false, message: `${file} is empty` } : { ok: true, text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { ok: false, message: `${file} cannot be read: ${code}` };
  }
}
