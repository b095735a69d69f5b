import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of an operator's endpoint. */
export type Reply = { readonly status: number; readonly body: string; readonly contentType?: string };

export type ReplyTo = (request: {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The address of ours that was called. */
  readonly localAddress: string;
}) => Reply | Promise<Reply>;

/** The servers of one port; `close` ends them and their connections. */
export type OperatorServer = { readonly port: number; close(): Promise<void> };

const loopback = ['127.0.0.1', '::1'];
const everywhere = ['0.0.0.0', '::'];

/**
 * Serves one of the operator's ports (admin, metrics, readiness) on both address families, loopback only on request.
 * An address family that the pod does not have is skipped. Bodies are not read; slow, large and broken requests are cut off.
 * Rejects when no address can be bound.
 */
export async function serveOperator(options: {
  readonly port: number;
  readonly reach: 'loopback' | 'everywhere';
  readonly replyTo: ReplyTo;
  readonly onError: (error: unknown) => void;
}): Promise<OperatorServer> {
  const servers: ReturnType<typeof createServer>[] = [];
  let port = options.port;
  const failures: unknown[] = [];
  for (const host of options.reach === 'loopback' ? loopback : everywhere) {
    const server = createOperatorServer(options);
    try {
      port = await listen(server, host, port);
      servers.push(server);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') {
        await closeAll(servers);
        throw error;
      }
      failures.push(error);
    }
  }
  if (servers.length === 0) throw new AggregateError(failures, `no address to listen on for port ${options.port}`);
  return { port, close: () => closeAll(servers) };
}

function createOperatorServer(options: { readonly replyTo: ReplyTo; readonly onError: (error: unknown) => void }) {
  const server = createServer(
    { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 5000, maxHeaderSize: 8192 },
    (request, response) => void answer(request, response, options),
  );
  server.maxConnections = 64;
  server.keepAliveTimeout = 30_000;
  server.timeout = 60_000;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly replyTo: ReplyTo; readonly onError: (error: unknown) => void },
): Promise<void> {
  request.on('error', () => response.destroy());
  response.on('error', () => response.destroy());
  request.resume();
  let reply: Reply;
  try {
    const url = new URL(`http://operator${request.url ?? '/'}`);
    reply = await options.replyTo({
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      localAddress: request.socket.localAddress ?? '',
    });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_URL') {
      reply = { status: 400, body: 'The request target is not a path.\n' };
    } else {
      options.onError(error);
      reply = { status: 500, body: 'Answering failed; the log says why.\n' };
    }
  }
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    'Content-Type': reply.contentType ?? 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    // A body that was not asked for is not waited for.
    ...(request.complete ? {} : { Connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function closeAll(servers: readonly ReturnType<typeof createServer>[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}
