import type { OpenCount } from '../socket/connection.ts';
import { keepRoom, type Room } from './makeRoom.ts';
import type { OpenConnections } from './served.ts';

/** What all listeners of a process may have open together, since they share its descriptors. */
export type SharedRoom = Room & {
  readonly most: number;
  /** The count of one more listener. */
  addCount(): OpenCount;
  readonly isFull: boolean;
};

// As many as may come at once find a place before those that were closed for them are gone.
const mostAtOnce = 64;
const atOncePart = 1 / 4;

/** Room for `most` connections of both directions, kept as keepRoom does. */
export function shareRoom(connections: OpenConnections, most: number): SharedRoom {
  const counts: OpenCount[] = [];
  return {
    ...keepRoom(connections, 'both', most - Math.min(mostAtOnce, Math.floor(most * atOncePart))),
    most,
    addCount() {
      const count = { open: 0 };
      counts.push(count);
      return count;
    },
    get isFull() {
      return counts.reduce((sum, { open }) => sum + open, 0) >= most;
    },
  };
}
