import { Pool } from 'undici';
import type { Api } from './api.ts';
import { createConnector } from './connector.ts';
import { type Credentials, loadCredentials } from './credentials.ts';
import { type Exchange, requestJson, requestStream } from './request.ts';
import { requestUpgrade } from './upgrade.ts';

export type ConnectOptions = {
  /** Left out: those of KUBECONFIG, of `~/.kube/config` or of the pod. */
  readonly credentials?: Credentials;
  /** A kubeconfig to take in place of those. */
  readonly kubeconfig?: string;
  /** Names the program in the API server's audit log. */
  readonly userAgent?: string;
};

/**
 * Connects to the Kubernetes API: HTTP/1.1, connections kept alive, never through a proxy. Nothing is sent yet, so an
 * API server that is away is no error here. Rejects when there are no credentials, with what to do.
 */
export async function connectApi(options: ConnectOptions = {}): Promise<Api> {
  const credentials = options.credentials ?? (await loadCredentials(options.kubeconfig));
  const { server } = credentials;
  const pool = new Pool(server.origin, {
    connect: createConnector(credentials),
    allowH2: false,
    // Every watch holds one; requests beyond wait in line.
    connections: 32,
    keepAliveTimeout: 30_000,
    // Requests have their own timeout, and a watch tells by itself that it stalls.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const exchange: Exchange = {
    pool,
    basePath: server.pathname.replace(/\/$/, ''),
    credentials,
    userAgent: options.userAgent ?? 'heddle',
  };
  return {
    request: (request) => requestJson(exchange, request),
    stream: (request) => requestStream(exchange, request),
    upgrade: (request) => requestUpgrade(exchange, request),
    close: () => pool.destroy(),
  };
}
