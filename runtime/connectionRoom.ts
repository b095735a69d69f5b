import type { Socket } from 'node:net';

/** The connections of one port, over all its servers. */
export type ConnectionRoom = {
  /** Takes in an accepted connection, before TLS if there is any; closes another one where there are too many. */
  enter(socket: Socket): void;
  /** Says of a connection, whatever stands over it, that a request of it begins or has ended. */
  mark(connection: Peer, state: 'busy' | 'idle'): void;
};

type Peer = { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined };

type Guest = { readonly socket: Socket; readonly peer: string; isBusy: boolean; since: number };

/**
 * Room for `most` connections, `mostPerPeer` of one address. A new one always finds a place: where there is none left, one
 * that was idle for longest is closed, of the new one's address if that has too many, else of the address that has most.
 * So who fills a port loses its own connections, and probes are answered all the while.
 */
export function createConnectionRoom(limits: { readonly most: number; readonly mostPerPeer: number }): ConnectionRoom {
  const guests = new Map<string, Guest>();
  const counts = new Map<string, number>();
  let turn = 0;

  function leave(key: string, { peer }: Guest): void {
    guests.delete(key);
    const left = (counts.get(peer) ?? 1) - 1;
    if (left > 0) counts.set(peer, left);
    else counts.delete(peer);
  }

  /** Never at the cost of the newcomer, which cannot have said anything yet. */
  function makeRoom(newcomer: Guest): void {
    const { peer } = newcomer;
    if ((counts.get(peer) ?? 0) > limits.mostPerPeer) {
      dismiss((guest) => guest !== newcomer && guest.peer === peer);
    } else if (guests.size > limits.most) {
      const largest = Math.max(...counts.values());
      dismiss((guest) => guest !== newcomer && counts.get(guest.peer) === largest);
    }
  }

  function dismiss(isCandidate: (guest: Guest) => boolean): void {
    let worst: Guest | undefined;
    for (const guest of guests.values()) {
      if (isCandidate(guest) && (worst === undefined || isWorse(guest, worst))) worst = guest;
    }
    worst?.socket.destroy();
  }

  return {
    enter(socket) {
      const key = keyOf(socket);
      if (key === undefined || socket.remoteAddress === undefined) {
        socket.destroy();
        return;
      }
      const guest: Guest = { socket, peer: socket.remoteAddress, isBusy: false, since: turn++ };
      guests.set(key, guest);
      counts.set(guest.peer, (counts.get(guest.peer) ?? 0) + 1);
      socket.once('close', () => leave(key, guest));
      makeRoom(guest);
    },
    mark(connection, state) {
      const guest = guests.get(keyOf(connection) ?? '');
      if (guest === undefined) return;
      guest.isBusy = state === 'busy';
      guest.since = turn++;
    },
  };
}

function isWorse(one: Guest, than: Guest): boolean {
  return one.isBusy === than.isBusy ? one.since < than.since : !one.isBusy;
}

function keyOf({ remoteAddress, remotePort }: Peer): string | undefined {
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}
