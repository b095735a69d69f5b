import { readFile } from 'node:fs/promises';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { execAuthorization, loadKubeConfig } from './kubeConfig.ts';
import { createTokenFile } from './tokenFile.ts';

/** What TLS of a connection to the API server is made with; undefined: Node's own default. */
export type TlsFiles = {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
};

/** How one API server is reached, and as whom. */
export type Credentials = {
  /** Origin and perhaps a path that all requests begin with. */
  readonly server: URL;
  /** The name in the server's certificate where it is not the host of `server`. */
  readonly serverName: string | undefined;
  readonly verifyServer: boolean;
  /** The namespace of the context or of the pod. */
  readonly namespace: string | undefined;
  /** Read anew for each connection, so that certificates may be replaced. Rejects when a file cannot be read. */
  readTls(): Promise<TlsFiles>;
  /** Headers that say who asks. `refused`: the API server just answered 401 to what was given last. */
  headers(last: 'accepted' | 'refused'): Promise<Readonly<Record<string, string>>>;
};

/**
 * Credentials from a file, else KUBECONFIG, else `~/.kube/config`, else those of the pod; of the context named, else of the
 * current one. Rejects with a message that
 * says what to do when there are none or they cannot be used.
 */
export async function loadCredentials(file?: string, context?: string): Promise<Credentials> {
  const { cluster, user, namespace, config } = await loadKubeConfig(file, context);
  const server = URL.parse(cluster.server);
  if (server === null || !/^https?:$/.test(server.protocol)) {
    throw new Error(`cluster.server ${cluster.server} is no http or https address; correct it in the kubeconfig`);
  }
  return {
    server,
    serverName: cluster.tlsServerName,
    verifyServer: !cluster.skipTLSVerify,
    namespace,
    readTls: () => readTls(cluster, user),
    headers: headersOf(user, () => execAuthorization(config)),
  };
}

/** Throws when the user can prove who they are by nothing that we know. */
function headersOf(user: User, fromPlugin: () => Promise<string | undefined>): Credentials['headers'] {
  const tokenFile: unknown = user.authProvider?.config?.tokenFile;
  if (typeof tokenFile === 'string') {
    const read = createTokenFile(tokenFile);
    return async (last) => ({ authorization: `Bearer ${await read(last)}` });
  }
  if (user.token !== undefined) return fixed(`Bearer ${user.token}`);
  if (user.username !== undefined) {
    return fixed(`Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`);
  }
  if (user.exec === undefined && user.authProvider === undefined) return () => Promise.resolve({});
  if (user.exec === undefined && user.authProvider?.name !== 'exec') {
    throw new Error(
      `user ${user.name} of the kubeconfig logs in by authProvider ${String(user.authProvider?.name)}, which is not supported; use an exec plugin, a token or a client certificate`,
    );
  }
  return async () => {
    const authorization = await fromPlugin();
    return authorization === undefined ? {} : { authorization };
  };
}

function fixed(authorization: string): Credentials['headers'] {
  return () => Promise.resolve({ authorization });
}

async function readTls(cluster: Cluster, user: User): Promise<TlsFiles> {
  const [ca, cert, key] = await Promise.all([
    fileOrData(cluster.caFile, cluster.caData),
    fileOrData(user.certFile, user.certData),
    fileOrData(user.keyFile, user.keyData),
  ]);
  return { ca, cert, key };
}

async function fileOrData(file: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (file !== undefined && file !== '') return readFile(file);
  return data === undefined || data === '' ? undefined : Buffer.from(data, 'base64');
}
