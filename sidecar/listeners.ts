import net from 'node:net';
import { sourceAddress } from '../contract/sourceAddress.ts';
import type { Original } from './redirected/path.ts';
import type { TransparentRole } from './redirected/role.ts';
import { serveRedirected } from './redirected/serve.ts';
import { takeOver } from '../proxy/socket/accept.ts';
import { keepRoom, type Room } from '../proxy/serve/makeRoom.ts';
import { fdOf } from '../proxy/socket/handle.ts';
import { destinationName } from '../routing/model.ts';
import type { Logger } from '../runtime/log.ts';
import { createSeldom } from '../runtime/seldom.ts';
import { originalDestination } from './intercept/originalDestination.ts';

/** One of the two transparent listeners. */
export type ListenerOptions = {
  readonly direction: 'outbound' | 'inbound';
  readonly port: number;
  readonly maxConnections: number;
};

// Redirected outbound connections arrive on loopback; inbound ones keep the pod's address (interception.md).
const hosts = { outbound: { 4: '127.0.0.1', 6: '::1' }, inbound: { 4: '0.0.0.0', 6: '::' } } as const;

/** Starts a transparent listener on both address families; one that the pod does not have is left out. */
export async function listen(options: ListenerOptions, role: TransparentRole): Promise<readonly net.Server[]> {
  const servers: net.Server[] = [];
  const room = keepRoom(role.engine.connections, options.direction, options.maxConnections);
  for (const family of [4, 6] as const) {
    const accepting = { ...options, family, room, mayComplain: createSeldom(10_000, 2) };
    const server = net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
      accept(socket, accepting, role);
    });
    server.maxConnections = options.maxConnections;
    if (!(await bind(server, { host: hosts[options.direction][family], port: options.port }))) continue;
    reportRefusals(server, options, role.log);
    // What was in use a moment ago, when the last one found its place, may be idle by now.
    server.on('drop', () => room.refused(performance.now()));
    servers.push(server);
  }
  if (servers.length === 0) throw new Error(`port ${options.port} cannot be bound on IPv4 nor IPv6`);
  return servers;
}

async function bind(server: net.Server, address: { host: string; port: number }): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(false);
    else reject(error);
  });
  server.listen({ ...address, ipv6Only: true, backlog: 4096 }, () => {
    server.removeAllListeners('error');
    resolve(true);
  });
  return promise;
}

/** Says at most every ten seconds that connections are not taken: there may be thousands. The listener goes on. */
function reportRefusals(server: net.Server, { direction, maxConnections }: ListenerOptions, log: Logger): void {
  const maySay = createSeldom(10_000, 2);
  server.on('drop', () => {
    if (maySay('drop')) log.warn({ direction, limit: maxConnections }, 'Connections refused: too many are open');
  });
  // Of EMFILE only requests whose upstream connection cannot be made tell: libuv closes what it cannot accept in silence.
  server.on('error', ({ message }) => {
    if (maySay('error')) log.warn({ direction, reason: message }, 'Connections refused: they could not be accepted');
  });
}

type Accepting = ListenerOptions & {
  readonly family: 4 | 6;
  readonly room: Room;
  /** Whether this reason may be logged now: anybody may call this port, as often as they like. */
  readonly mayComplain: (reason: string) => boolean;
};

function accept(socket: net.Socket, accepting: Accepting, role: TransparentRole): void {
  const { direction, port, family, room, mayComplain } = accepting;
  const fd = fdOf(socket);
  const original = fd < 0 ? undefined : originalDestination(fd, family);
  if (original === undefined || isOwn(original, port, socket)) {
    const peer = socket.remoteAddress;
    socket.destroy();
    const reason = original === undefined ? notTracked : cameDirectly;
    if (mayComplain(reason)) role.log.warn({ direction, port, peer, reason }, 'Connection closed');
    return;
  }
  const outbound = direction === 'outbound';
  const peer = outbound ? undefined : socket.remoteAddress;
  const connection = takeOver(socket);
  if (connection === undefined) return;
  const path = {
    direction,
    original,
    destination: outbound ? role.table.lookup(destinationName(original.address, original.port)) : undefined,
    peer,
    localAddress: outbound ? undefined : sourceAddress[family],
  };
  room.accepted(performance.now());
  serveRedirected(connection, path, role);
}

const cameDirectly = 'it came to this port directly: only redirected connections are served here';
const notTracked =
  'the kernel does not know where it was going: it came to this port directly, or its conntrack entry is gone (table full or flushed)';

/** Not redirected at all: forwarding it would call ourselves, again and again. */
function isOwn(original: Original, port: number, socket: net.Socket): boolean {
  return original.port === port && original.address === socket.localAddress;
}
