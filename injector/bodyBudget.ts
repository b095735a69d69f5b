/** One body, from its first byte until its review is answered. */
export type HeldBody = {
  /** Counts more bytes; false when this body, or this one among others, had to be given up. */
  add(bytes: number): boolean;
  release(): void;
};

export type BodyBudget = {
  /** Begins a body of a peer; `giveUp` cuts it off where the room is needed. */
  hold(peer: string, giveUp: () => void): HeldBody;
  readonly bytes: number;
};

type Held = { readonly peer: string; readonly giveUp: () => void; bytes: number };

/**
 * Room for `mostBytes` of all bodies together. Where they are more, the largest body is given up of the peer that holds
 * most: the API server's are complete in one go, so it is whoever leaves bodies unfinished that loses them.
 */
export function createBodyBudget(mostBytes: number): BodyBudget {
  const all = new Set<Held>();
  let total = 0;

  function release(held: Held): void {
    if (all.delete(held)) total -= held.bytes;
  }

  function makeRoom(): void {
    while (total > mostBytes) {
      const worst = findWorst(all);
      if (worst === undefined) return;
      release(worst);
      worst.giveUp();
    }
  }

  return {
    hold(peer, giveUp) {
      const held: Held = { peer, giveUp, bytes: 0 };
      all.add(held);
      return {
        add(bytes) {
          if (!all.has(held)) return false;
          held.bytes += bytes;
          total += bytes;
          makeRoom();
          return all.has(held);
        },
        release: () => release(held),
      };
    },
    get bytes() {
      return total;
    },
  };
}

function findWorst(all: ReadonlySet<Held>): Held | undefined {
  const sums = new Map<string, number>();
  for (const { peer, bytes } of all) sums.set(peer, (sums.get(peer) ?? 0) + bytes);
  let worst: Held | undefined;
  for (const held of all) {
    const more = (sums.get(held.peer) ?? 0) - (worst === undefined ? -1 : (sums.get(worst.peer) ?? 0));
    if (more > 0 || (more === 0 && held.bytes > (worst?.bytes ?? 0))) worst = held;
  }
  return worst;
}
