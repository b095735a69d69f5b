import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { type ConnectionRoom, createConnectionRoom } from './connectionRoom.ts';
import { refuseForeignPage } from './foreignPages.ts';

/** One answer of an operator's endpoint. */
export type Reply = {
  readonly status: number;
  readonly body: string | Buffer;
  readonly contentType?: string;
  readonly allow?: string;
};

/** The answer to any other method than those which `path` has: 405 names them (RFC 9110 section 15.5.6). */
export function answersOnly(methods: readonly string[], path: string, more = ''): Reply {
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  return { status: 405, body: `${path} answers ${methods.join(' and ')} only.\n${more}`, allow };
}

export type ReplyTo = (request: {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The address of ours that was called. */
  readonly localAddress: string;
  /** False once the client has gone: what takes long may be given up. */
  readonly isOpen: () => boolean;
}) => Reply | Promise<Reply>;

/** The servers of one port; `close` ends them and their connections. */
export type OperatorServer = { readonly port: number; close(): Promise<void> };

const loopback = ['127.0.0.1', '::1'];
const everywhere = ['0.0.0.0', '::'];

/** Of a port on both families together. Probes, Prometheus and a person need a handful. */
const mostConnections = 64;
const mostPerPeer = 16;

type OperatorOptions = {
  readonly port: number;
  /** File descriptors that listen on the port already, on whatever addresses. */
  readonly sockets?: readonly number[];
  readonly reach: 'loopback' | 'everywhere';
  readonly replyTo: ReplyTo;
  readonly onError: (error: unknown) => void;
};

/**
 * Serves one of the operator's ports (admin, metrics, readiness) on both address families, loopback only on request.
 * An address family that the pod does not have is skipped. Bodies are not read; slow, large and broken requests are cut off,
 * and so are idle connections where others need their place. Rejects when no address can be bound.
 */
export async function serveOperator(options: OperatorOptions): Promise<OperatorServer> {
  const room = createConnectionRoom({ most: mostConnections, mostPerPeer });
  const servers: ReturnType<typeof createServer>[] = [];
  let port = options.port;
  const failures: unknown[] = [];
  const sockets = (options.sockets ?? []).map((fd) => ({ fd }));
  const hosts = (options.reach === 'loopback' ? loopback : everywhere).map((host) => ({ host, ipv6Only: true }));
  for (const place of sockets.length > 0 ? sockets : hosts) {
    const server = createOperatorServer(options, room);
    try {
      port = await listen(server, 'fd' in place ? place : { ...place, port });
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

function createOperatorServer(options: OperatorOptions, room: ConnectionRoom) {
  const server = createServer(
    { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 5000, maxHeaderSize: 8192 },
    (request, response) => {
      room.mark(request.socket, 'busy');
      response.once('close', () => room.mark(request.socket, 'idle'));
      void answer(request, response, options);
    },
  );
  server.on('connection', (socket) => room.enter(socket));
  server.keepAliveTimeout = 30_000;
  server.timeout = 60_000;
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: OperatorOptions): Promise<void> {
  request.on('error', () => response.destroy());
  response.on('error', () => response.destroy());
  request.resume();
  const reply = await replyOrFail(request, response, options);
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, {
    'Content-Type': reply.contentType ?? 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    ...(reply.allow === undefined ? {} : { Allow: reply.allow }),
    // No page of the web may take what is answered for a script of its own.
    'X-Content-Type-Options': 'nosniff',
    // A body that was not asked for is not waited for.
    ...(request.complete ? {} : { Connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function replyOrFail(
  request: IncomingMessage,
  response: ServerResponse,
  { reach, replyTo, onError }: OperatorOptions,
): Promise<Reply> {
  const { method = '', headers, url: target = '/' } = request;
  const { host, origin } = headers;
  const refused =
    reach === 'loopback'
      ? refuseForeignPage({ method, host, origin, fetchSite: headers['sec-fetch-site']?.toString() })
      : undefined;
  if (refused !== undefined) return { status: 403, body: `${refused}\n` };
  try {
    const url = new URL(`http://operator${target}`);
    return await replyTo({
      method,
      path: url.pathname,
      query: url.searchParams,
      localAddress: request.socket.localAddress ?? '',
      isOpen: () => !response.destroyed,
    });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_URL') {
      return { status: 400, body: 'The request target is not a path.\n' };
    }
    onError(error);
    return { status: 500, body: 'Answering failed; the log says why.\n' };
  }
}

function listen(server: ReturnType<typeof createServer>, place: ListenOptions & { fd?: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
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
