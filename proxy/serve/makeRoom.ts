import type { OpenConnection } from './served.ts';

// Near the limit from this part of it on; and so much of it is made free at a time, since every look costs as much.
const nearPart = 0.98;
const freedPart = 0.01;
// One that a request has used just now will be used again.
const leastIdleMs = 1000;

/**
 * Called for each new connection: near the limit of `most` in its direction, closes those on which nothing has been under way
 * for longest, first of the peer that has most of them. While there is room nobody is limited.
 */
export function makeRoom(
  connections: ReadonlySet<OpenConnection>,
  direction: OpenConnection['direction'],
  most: number,
  nowMs: number,
): void {
  const near = Math.floor(most * nearPart);
  if (connections.size < near) return;
  let count = 0;
  const idle: OpenConnection[] = [];
  for (const connection of connections) {
    if (connection.direction !== direction) continue;
    count++;
    if (connection.served.idle && nowMs - connection.connection.movedMs >= leastIdleMs) idle.push(connection);
  }
  if (count < near) return;
  const peers = [...Map.groupBy(idle, ({ peer }) => peer).values()];
  for (const own of peers) own.sort((one, other) => other.connection.movedMs - one.connection.movedMs);
  for (let left = count - near + Math.ceil(most * freedPart); left > 0; left--) {
    const largest = peers.reduce((one, other) => (other.length > one.length ? other : one), []);
    const longest = largest.pop();
    if (longest === undefined) return;
    // Asked of the kernel: a request may have come that is not read yet.
    if (longest.connection.stillStands()) longest.served.destroy();
  }
}
