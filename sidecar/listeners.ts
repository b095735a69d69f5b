import { sourceAddress } from '../contract/sourceAddress.ts';
import type { Original } from './redirected/path.ts';
import type { TransparentRole } from './redirected/role.ts';
import { serveRedirected } from './redirected/serve.ts';
import { keepRoom, type Room } from '../proxy/serve/makeRoom.ts';
import type { SharedRoom } from '../proxy/serve/sharedRoom.ts';
import { ownAddress, peerAddress, type TcpHandle } from '../proxy/socket/handle.ts';
import { type Listener, type ListenerEvents, listenOn } from '../proxy/socket/listener.ts';
import type { OpenCount } from '../proxy/socket/connection.ts';
import { RawConnection } from '../proxy/socket/rawConnection.ts';
import { destinationName } from '../routing/model.ts';
import type { Logger } from '../runtime/log.ts';
import { createSeldom } from '../runtime/seldom.ts';
import { originalDestination } from './intercept/originalDestination.ts';

/** One of the two transparent listeners. */
export type ListenerOptions = {
  readonly direction: 'outbound' | 'inbound';
  readonly port: number;
  readonly maxConnections: number;
  /** Of all listeners together. */
  readonly all: SharedRoom;
};

// Redirected outbound connections arrive on loopback; inbound ones keep the pod's address (interception.md).
const hosts = { outbound: { 4: '127.0.0.1', 6: '::1' }, inbound: { 4: '0.0.0.0', 6: '::' } } as const;

/** Starts a transparent listener on both address families; one that the pod does not have is left out. */
export function listen(options: ListenerOptions, role: TransparentRole): readonly Listener[] {
  const { direction, port, maxConnections, all } = options;
  const room = keepRoom(role.engine.connections, direction, maxConnections);
  const maySay = createSeldom(10_000, 2);
  const listeners = ([4, 6] as const).flatMap((family) => {
    const accepting = { ...options, family, room, among: all.addCount(), mayComplain: createSeldom(10_000, 2) };
    const listener = bind(hosts[direction][family], port, {
      onAccepted: (handle) => accept(handle, accepting, role),
      // Not of EMFILE: libuv closes in silence what it cannot accept. The room of all listeners keeps that from happening.
      onError({ message }) {
        if (maySay('error'))
          role.log.warn({ direction, reason: message }, 'Connections refused: they could not be accepted');
      },
    });
    return listener ?? [];
  });
  if (listeners.length === 0) throw new Error(`port ${port} cannot be bound on IPv4 nor IPv6`);
  return listeners;
}

function bind(host: string, port: number, events: ListenerEvents): Listener | undefined {
  try {
    return listenOn({ host, port }, events);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return undefined;
    throw error;
  }
}

type Accepting = ListenerOptions & {
  readonly family: 4 | 6;
  readonly room: Room;
  readonly among: OpenCount;
  /** Whether this reason may be logged now: anybody may call this port, as often as they like. */
  readonly mayComplain: (reason: string) => boolean;
};

function accept(handle: TcpHandle, accepting: Accepting, role: TransparentRole): void {
  const { direction, port, family, room, among, maxConnections, all, mayComplain } = accepting;
  if (among.open >= maxConnections) return refuse(handle, accepting, role.log);
  if (all.isFull) return refuse(handle, { ...accepting, room: all, maxConnections: all.most }, role.log);
  const original = originalDestination(handle.fd, family);
  if (original === undefined || isOwn(original, port, handle)) {
    const reason = original === undefined ? notTracked : cameDirectly;
    if (mayComplain(reason)) role.log.warn({ direction, port, peer: peerAddress(handle), reason }, 'Connection closed');
    handle.close();
    return;
  }
  const outbound = direction === 'outbound';
  const path = {
    direction,
    original,
    destination: outbound ? role.table.lookup(destinationName(original.address, original.port)) : undefined,
    peer: outbound ? undefined : peerAddress(handle) || undefined,
    localAddress: outbound ? undefined : sourceAddress[family],
  };
  const nowMs = performance.now();
  room.accepted(nowMs);
  all.accepted(nowMs);
  serveRedirected(RawConnection.accepted(handle, among), path, role);
}

function refuse(handle: TcpHandle, { direction, room, maxConnections, mayComplain }: Accepting, log: Logger): void {
  handle.close();
  // What was in use a moment ago, when the last one found its place, may be idle by now.
  room.refused(performance.now());
  if (mayComplain('full')) log.warn({ direction, limit: maxConnections }, 'Connections refused: too many are open');
}

const cameDirectly = 'it came to this port directly: only redirected connections are served here';
const notTracked =
  'the kernel does not know where it was going: it came to this port directly, or its conntrack entry is gone (table full or flushed)';

/** Not redirected at all: forwarding it would call ourselves, again and again. */
function isOwn(original: Original, port: number, handle: TcpHandle): boolean {
  return original.port === port && original.address === ownAddress(handle);
}
