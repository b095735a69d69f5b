import { once } from 'node:events';
import type http2 from 'node:http2';
import type { ExecutionContext } from 'ava';
import { webSocketAccept } from '../../../runtime/webSocketKey.ts';
import type { Protocol } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { type Backend, startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar, type SidecarOptions } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';
import { connectHttp2, startHttp2Server } from './clients.ts';

/** The Service `shop/cart`, with a route whose backend is declared to speak this. */
export async function routeTo(t: ExecutionContext, protocol: Protocol, server: number, options: SidecarOptions = {}) {
  const sidecar = setUp(t, options);
  const backend = backendSample({ target: { type: 'Endpoints', endpoints: 'shop/cart:80', protocol } });
  const rules = [{ index: 0, matches: [matchSample()], filters: [], backends: [backend] }];
  const routing = routingSample({ routes: [routeSample([], { rules })] });
  sidecar.apply(routing, endpointsOf('cart', readyEndpoint(server)));
  return { sidecar, port: await sidecar.service() };
}

/** A server of HTTP/1.1 that answers a handshake so, by default as a WebSocket server has to; its connections are left to the test. */
export async function startHttp1Tunnels(
  t: ExecutionContext,
  answer: (accept: string) => string = switchTo,
): Promise<Backend> {
  return startBackend(t, (peer) => {
    void peer.sees('\r\n\r\n').then(
      () => peer.write(answer(webSocketAccept(/^sec-websocket-key: (.*)\r$/im.exec(peer.text)?.[1] ?? ''))),
      () => undefined,
    );
  });
}

export const switchTo = (accept: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: b\r\n\r\n`;

/** The same of HTTP/2. `onTunnel` has the stream once its client was told 200. */
export async function startHttp2Tunnels(t: ExecutionContext, onTunnel: (stream: http2.ServerHttp2Stream) => void) {
  const heads: http2.IncomingHttpHeaders[] = [];
  const server = await startHttp2Server(
    t,
    (stream, fields) => {
      heads.push(fields);
      if (fields[':path'] === '/forbidden') {
        stream.respond({ ':status': 403 });
        return stream.end('no');
      }
      stream.respond({ ':status': 200, 'sec-websocket-protocol': 'b' });
      return onTunnel(stream);
    },
    { enableConnectProtocol: true },
  );
  return { ...server, heads };
}

export const asks = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':authority': 'x',
  ':path': '/chat?a=b',
  'sec-websocket-version': '13',
  'sec-websocket-protocol': 'a, b',
};

/** A session of node:http2 that may ask for tunnels. */
export async function connectTunnels(t: ExecutionContext, port: number): Promise<http2.ClientHttp2Session> {
  const session = await connectHttp2(t, port);
  if (session.remoteSettings.enableConnectProtocol !== true) await once(session, 'remoteSettings');
  return session;
}

/** What a client of HTTP/2 has of its tunnel. */
export type Tunnel = {
  readonly stream: http2.ClientHttp2Stream;
  readonly got: () => string;
  /** Waits until this text has come. */
  sees(text: string): Promise<void>;
  receives(length: number): Promise<void>;
  /** Waits until the stream is over; its code. */
  over(): Promise<number>;
};

/** Asks for a tunnel. */
export function openTunnel(session: http2.ClientHttp2Session, fields: object = asks): Tunnel {
  const stream = session.request(fields as http2.OutgoingHttpHeaders, { endStream: false });
  let got = '';
  let length = 0;
  let isOver = false;
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Buffer) => {
    length += bytes.length;
    if (length < 1_000_000) got += bytes.toString('latin1');
  });
  stream.on('close', () => (isOver = true));
  const until = async (holds: () => boolean): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while (!holds()) {
      if (Date.now() > deadline || (isOver && !holds())) throw new Error(`waited in vain: ${got}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    stream,
    got: () => got,
    sees: (text) => until(() => got.includes(text)),
    receives: (bytes) => until(() => length >= bytes),
    async over() {
      if (!isOver) await once(stream, 'close');
      return stream.rstCode ?? 0;
    },
  };
}

/** Its answer. */
export async function answerOf({ stream }: Tunnel): Promise<http2.IncomingHttpHeaders & { ':status'?: number }> {
  const [fields] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & { ':status'?: number }];
  return fields;
}

export const handshake =
  'GET /chat?a=b HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** Both ends of a tunnel, whatever they speak, as a test moves them. */
export type End = {
  write(bytes: string | Buffer): void;
  end(): void;
  /** Breaks it off. */
  reset(): void;
  sees(text: string): Promise<void>;
  receives(length: number): Promise<void>;
  /** How the other side ended it. */
  over(): Promise<'fin' | 'reset'>;
  pause(): void;
  resume(): void;
};

export const asEnd = (peer: Peer): End => ({
  write: (bytes) => peer.write(bytes),
  end: () => peer.end(),
  reset: () => peer.reset(),
  sees: (text) => peer.sees(text),
  receives: (length) => peer.receives(length),
  over: () => peer.over(),
  pause: () => void peer.socket.pause(),
  resume: () => void peer.socket.resume(),
});

function streamAsEnd(duplex: http2.ClientHttp2Stream | http2.ServerHttp2Stream): End {
  let got = '';
  let length = 0;
  let how: 'fin' | 'reset' | undefined;
  duplex.on('error', () => undefined);
  duplex.on('data', (bytes: Buffer) => {
    length += bytes.length;
    if (length < 1_000_000) got += bytes.toString('latin1');
  });
  duplex.on('aborted', () => (how ??= 'reset'));
  // Of a stream that is reset Node says first that it has ended.
  duplex.on('end', () => setTimeout(() => (how ??= 'fin'), 100));
  duplex.on('close', () => (how ??= duplex.rstCode === 0 ? 'fin' : 'reset'));
  const until = async (holds: () => boolean): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`waited in vain: ${length} bytes, ${got.slice(-200)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    write: (bytes) => void duplex.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    end: () => void duplex.end(),
    // Its `close` ends the stream first.
    reset: () => void duplex.destroy(new Error('broken off')),
    sees: (text) => until(() => got.includes(text)),
    receives: (bytes) => until(() => length >= bytes),
    over: async () => {
      await until(() => how !== undefined);
      return how ?? 'reset';
    },
    pause: () => void duplex.pause(),
    resume: () => void duplex.resume(),
  };
}

export type Way = 'h2 to h1' | 'h2 to h2' | 'h1 to h2';
export const ways: readonly Way[] = ['h2 to h1', 'h2 to h2', 'h1 to h2'];

/** A tunnel that stands, between these protocols. */
export async function tunnel(
  t: ExecutionContext,
  way: Way,
  options: SidecarOptions = {},
): Promise<{ readonly client: End; readonly server: End; readonly sidecar: Sidecar; readonly close: () => void }> {
  const { promise: accepted, resolve } = Promise.withResolvers<End>();
  const toHttp1 = way === 'h2 to h1';
  const backend = toHttp1 ? await startHttp1Tunnels(t) : undefined;
  const server = await startHttp2Tunnels(t, (stream) => resolve(streamAsEnd(stream)));
  const { sidecar, port } = await routeTo(t, toHttp1 ? 'http1' : 'http2', backend?.port ?? server.port, options);
  void backend?.peer(0).then((peer) => resolve(asEnd(peer)));
  if (way === 'h1 to h2') {
    const peer = await connect(port);
    t.teardown(() => peer.socket.destroy());
    peer.write(handshake);
    await peer.sees('\r\n\r\n');
    return { client: asEnd(peer), server: await accepted, sidecar, close: () => peer.reset() };
  }
  const session = await connectTunnels(t, port);
  const stream = session.request(asks, { endStream: false });
  const client = streamAsEnd(stream);
  await once(stream, 'response');
  return { client, server: await accepted, sidecar, close: () => session.destroy() };
}
