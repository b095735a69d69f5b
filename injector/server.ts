import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ConnectionRoom, createConnectionRoom } from '../runtime/connectionRoom.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { injectorName } from '../contract/objects.ts';
import { hintPath, webhookPath } from '../contract/paths.ts';
import { type BodyBudget, createBodyBudget, type HeldBody } from './bodyBudget.ts';
import type { KeyPair } from './certificates/types.ts';
import { readJsonBody } from './readJsonBody.ts';
import type { Purpose } from './review.ts';

/** An HTTP answer; `body` is sent as JSON. */
export type WebhookReply = { readonly status: number; readonly body: unknown };

export type WebhookServer = {
  /** Starts to listen on both address families, or takes up a new certificate: connections that stand stay. */
  setCertificate(pair: KeyPair): void;
  /** Resolves with the port once it listens; rejects when it cannot. */
  readonly listening: Promise<number>;
  /** Keeps serving for `graceMs`, until nobody is sent here any more; then lets requests end, for five seconds at most. */
  close(graceMs: number): Promise<void>;
};

/** The API server's own timeout of a webhook is ten seconds by default, thirty at most. */
const requestTimeoutMs = 30_000;
const lastRequestsMs = 5000;

/** Of all bodies together: a pod has some kilobytes, and an API server asks about some hundred at once. */
const mostBodyBytes = 33_554_432;
const mostConnections = 600;
const mostPerPeer = 250;

const purposes: ReadonlyMap<string, Purpose> = new Map([
  [webhookPath, 'inject'],
  [hintPath, 'hint'],
]);

type AnswerOptions = {
  readonly review: (body: unknown, purpose: Purpose) => Promise<WebhookReply>;
  readonly onError: (error: unknown) => void;
  readonly room: ConnectionRoom;
  readonly budget: BodyBudget;
};

/** Serves `POST /mutate` over TLS. Everything that arrives gets an answer or is cut off, and nothing ends the process. */
export function createWebhookServer(options: {
  readonly port: number;
  readonly review: (body: unknown, purpose: Purpose) => Promise<WebhookReply>;
  readonly onError: (error: unknown) => void;
}): WebhookServer {
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  const room = createConnectionRoom({ most: mostConnections, mostPerPeer });
  const answering = { ...options, room, budget: createBodyBudget(mostBodyBytes) };
  let server: Server | undefined;
  let isClosing = false;

  function start(pair: KeyPair): Server {
    const created = createServer(
      {
        ...secretsOf(pair),
        minVersion: 'TLSv1.2',
        headersTimeout: 10_000,
        requestTimeout: requestTimeoutMs,
        connectionsCheckingInterval: 5000,
        handshakeTimeout: 10_000,
        // Longer than the API server keeps its side open: whoever closes an idle connection should be the client.
        keepAliveTimeout: 180_000,
      },
      (request, response) => {
        if (isClosing) response.setHeader('Connection', 'close');
        void answer(request, response, answering);
      },
    );
    created.on('connection', (socket) => room.enter(socket));
    created.on('tlsClientError', (_error, socket) => socket.destroy());
    created.on('clientError', (_error, socket) => socket.destroy());
    listenEverywhere(created, options.port).then(resolve, reject);
    return created;
  }

  return {
    listening,
    setCertificate(pair) {
      if (server === undefined) server = start(pair);
      else server.setSecureContext({ ...secretsOf(pair), minVersion: 'TLSv1.2' });
    },
    async close(graceMs) {
      isClosing = true;
      await sleep(graceMs);
      const closing = server;
      if (closing === undefined) return;
      const closed = new Promise<void>((done) => closing.close(() => done()));
      closing.closeIdleConnections();
      const cut = setTimeout(() => closing.closeAllConnections(), lastRequestsMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function secretsOf({ certificate, keyPem }: KeyPair): { readonly cert: string; readonly key: string } {
  return { cert: certificate.pem, key: keyPem };
}

/** `::` takes both families, where the pod has IPv6 at all. */
async function listenEverywhere(server: Server, port: number): Promise<number> {
  try {
    return await listen(server, '::', port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error;
    return listen(server, '0.0.0.0', port);
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: AnswerOptions): Promise<void> {
  request.on('error', () => response.destroy());
  response.on('error', () => response.destroy());
  options.room.mark(request.socket, 'busy');
  // Given up, it may not be answered either: whoever sends nothing reads nothing.
  const held = options.budget.hold(request.socket.remoteAddress ?? '', () => request.socket.destroy());
  response.once('close', () => {
    held.release();
    options.room.mark(request.socket, 'idle');
  });
  let reply: WebhookReply;
  try {
    reply = await replyTo(request, held, options.review);
  } catch (error) {
    options.onError(error);
    reply = { status: 500, body: { message: `the review failed; the log of ${injectorName} says why` } };
  }
  if (response.destroyed) return;
  const body = Buffer.from(`${JSON.stringify(reply.body)}\n`);
  response.writeHead(reply.status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    // RFC 9110 section 15.5.6.
    ...(reply.status === 405 ? { Allow: 'POST' } : {}),
    // A body that was not read is not waited for.
    ...(request.complete ? {} : { Connection: 'close' }),
  });
  response.end(body);
}

async function replyTo(
  request: IncomingMessage,
  held: HeldBody,
  review: (body: unknown, purpose: Purpose) => Promise<WebhookReply>,
): Promise<WebhookReply> {
  const [path = ''] = (request.url ?? '').split('?');
  const purpose = purposes.get(path);
  if (purpose === undefined) return { status: 404, body: { message: `ask POST ${webhookPath}` } };
  if (request.method !== 'POST') return { status: 405, body: { message: `${path} answers POST only` } };
  const read = await readJsonBody(request, held);
  return read.ok ? review(read.value, purpose) : { status: read.status, body: { message: read.message } };
}
