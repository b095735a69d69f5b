import type { OpenConnection, OpenConnections } from './served.ts';

// Near the limit from this part of it on; and so much of it is made free at a time, since every look costs as much.
const nearPart = 0.98;
const freedPart = 0.01;
// One that a request has used just now will be used again.
const leastIdleMs = 1000;
// A tunnel may be silent with reason: a pool keeps it, or its server has nothing to tell.
const leastSilentMs = 60_000;
// Where a look has freed too little, the next may free more after so long.
const lookAgainMs = 250;

/** Of which connections there is a limit. */
export type Direction = OpenConnection['direction'] | 'both';

/** To be told of each connection. */
export type Room = {
  accepted(nowMs: number): void;
  /** There was no place for it. */
  refused(nowMs: number): void;
};

/**
 * Has makeRoom look at all connections, but not for each new one: many are as good as none to one that looks through
 * thousands. What makeRoom leaves free lasts for as many as come between two looks.
 */
export function keepRoom(connections: OpenConnections, direction: Direction, most: number): Room {
  const between = Math.ceil(most * freedPart);
  let acceptedSince = 0;
  let lookedMs = -Infinity;
  const look = (nowMs: number): void => {
    acceptedSince = 0;
    lookedMs = nowMs;
    makeRoom(connections, direction, most, nowMs);
  };
  return {
    accepted(nowMs) {
      if (connections.size < most * nearPart) return;
      if (++acceptedSince >= between || nowMs - lookedMs >= lookAgainMs) look(nowMs);
    },
    refused(nowMs) {
      if (nowMs - lookedMs >= lookAgainMs) look(nowMs);
    },
  };
}

/**
 * Near the limit of `most` connections in a direction, or in both, closes those on which nothing has been under way for
 * longest, first of the peer that has most of them; where these do not suffice, tunnels through which nothing has passed for
 * long. While there is room nobody is limited.
 */
export function makeRoom(connections: OpenConnections, direction: Direction, most: number, nowMs: number): void {
  const near = Math.floor(most * nearPart);
  if (connections.size < near) return;
  let count = 0;
  const idle: Victim[] = [];
  const silent: Victim[] = [];
  for (const connection of connections) {
    if (direction !== 'both' && connection.direction !== direction) continue;
    count++;
    const { served } = connection;
    const { passedMs } = served;
    if (passedMs !== undefined) {
      if (nowMs - passedMs >= leastSilentMs) silent.push({ connection, sinceMs: passedMs });
    } else if (served.idle) {
      const sinceMs = connection.connection.movedMs;
      if (nowMs - sinceMs >= leastIdleMs) idle.push({ connection, sinceMs });
    }
  }
  if (count < near) return;
  const freed = Math.ceil(most * freedPart);
  const left = close(idle, count - near + freed);
  // A tunnel is not made anew as easily: it stays while there is any place at all for others.
  if (left > 0 && count >= most - freed) close(silent, left);
}

type Victim = { readonly connection: OpenConnection; readonly sinceMs: number };

/** Closes so many, each time of a peer that has most of them that one which is longest so; how many it lacks. */
function close(victims: readonly Victim[], wanted: number): number {
  let left = wanted;
  const bySize: Victim[][][] = [];
  for (const own of Map.groupBy(victims, ({ connection }) => connection.peer).values()) {
    own.sort((one, other) => other.sinceMs - one.sinceMs);
    (bySize[own.length] ??= []).push(own);
  }
  for (let size = bySize.length - 1; size > 0; size--) {
    for (const own of bySize[size] ?? []) {
      if (left <= 0) return 0;
      left--;
      const { served, connection } = own.pop()?.connection ?? {};
      // Asked of the kernel: a request may have come that is not read yet.
      if (connection?.stillStands() === true) served?.destroy('its place was needed');
      (bySize[size - 1] ??= []).push(own);
    }
  }
  return left;
}
