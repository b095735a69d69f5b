import { buildConnector } from 'undici';
import type { Credentials } from './credentials.ts';

const connectTimeoutMs = 5000;

/** Dead peers are noticed by TCP well before a load balancer forgets the connection. */
const keepAliveInitialDelay = 30_000;

/** Opens connections with the certificates as the files have them at that moment, since they may be replaced. */
export function createConnector(credentials: Credentials): buildConnector.connector {
  return (options, callback) => {
    credentials.readTls().then(
      ({ ca, cert, key }) => {
        const connect = buildConnector({
          ...(ca !== undefined && { ca }),
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
          ...(credentials.serverName !== undefined && { servername: credentials.serverName }),
          rejectUnauthorized: credentials.verifyServer,
          allowH2: false,
          keepAlive: true,
          keepAliveInitialDelay,
          timeout: connectTimeoutMs,
        });
        connect(options, callback);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}
