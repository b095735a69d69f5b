import { buildConnector } from 'undici';
import { errorOf } from '../runtime/reason.ts';
import type { Credentials } from './credentials.ts';

const connectTimeoutMs = 5000;

/** Dead peers are noticed by TCP well before a load balancer forgets the connection. */
const keepAliveInitialDelay = 30_000;

/** Opens connections with the certificates as the files have them at that moment, since they may be replaced. */
export function createConnector(credentials: Credentials): buildConnector.connector {
  return (options, callback) => void open(credentials, options, callback);
}

async function open(
  credentials: Credentials,
  options: buildConnector.Options,
  callback: buildConnector.Callback,
): Promise<void> {
  try {
    const connect = await prepare(credentials);
    connect(options, callback);
  } catch (error) {
    callback(errorOf(error), null);
  }
}

async function prepare(credentials: Credentials): Promise<buildConnector.connector> {
  const { serverName, verifyServer } = credentials;
  const { ca, cert, key } = await credentials.readTls();
  return buildConnector({
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName }),
    rejectUnauthorized: verifyServer,
    allowH2: false,
    keepAlive: true,
    keepAliveInitialDelay,
    timeout: connectTimeoutMs,
  });
}
