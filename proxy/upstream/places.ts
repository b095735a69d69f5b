import { type Idle, longestIdle } from './idle.ts';

/** What the Services of an endpoint say of its connections, tunnels among them. */
export type OwnLimits = { readonly maxConnections?: number; readonly maxWaitingRequests?: number };

/** A pool of one protocol, as it shares its endpoint's places with the others. */
export type Sharing = {
  /** How many of them its connections take. */
  readonly taken: number;
  /** Its connection that has been idle for longest. */
  longestIdle(): Idle | undefined;
  /** Gives those that wait what there is, or may be now. */
  serveWaiting(): void;
};

/**
 * The connections that one endpoint may have: pools of all protocols share them, and with tunnels too where its Services say
 * how many. Who finds none left takes that of an idle one.
 */
export class Places {
  /** Requests that wait for a connection, in all pools. */
  waiting = 0;
  private tunnels = 0;
  private own: OwnLimits = {};
  private isServing = false;
  private readonly pools: Sharing[] = [];

  add(pool: Sharing): void {
    this.pools.push(pool);
  }

  /** What the endpoint's Services say from now on; what they leave out is as everywhere. */
  limit(own: OwnLimits): void {
    this.own = own;
    this.serveWaiting();
  }

  /** Whether another request may wait; `most`: as everywhere. */
  mayWait(most: number): boolean {
    return this.waiting < (this.own.maxWaitingRequests ?? most);
  }

  /**
   * Whether a pool may open another connection; `most`: as everywhere. Its first one it may open beyond the limit where the
   * requests of another protocol take all places (as Envoy's pools may), since those may never give one back.
   */
  mayOpen(pool: Sharing, most: number): boolean {
    const limit = this.own.maxConnections ?? most;
    return this.makeRoom(limit) || (pool.taken === 0 && this.takenByTunnels < limit);
  }

  /** Takes a place for a tunnel; false where there is none. `leaveTunnel` follows. */
  enterTunnel(): boolean {
    if (!this.makeRoom(this.own.maxConnections ?? Infinity)) return false;
    this.tunnels++;
    return true;
  }

  /** A pool's connection is a tunnel from now on, just before the pool lets it go. `leaveTunnel` follows. */
  becomeTunnel(): void {
    this.tunnels++;
  }

  leaveTunnel(): void {
    this.tunnels--;
    this.serveWaiting();
  }

  /** The connection of any pool that has been idle for longest. */
  longestIdle(): Idle | undefined {
    return longestIdle(this.pools.map((pool) => pool.longestIdle()));
  }

  /** There may be places again, or idle connections that can make some. */
  serveWaiting(): void {
    if (this.isServing || this.waiting === 0) return;
    this.isServing = true;
    try {
      for (const pool of this.pools) pool.serveWaiting();
    } finally {
      this.isServing = false;
    }
  }

  /** Without a Service's limit tunnels have none, and take none of those that requests have. */
  private get takenByTunnels(): number {
    return this.own.maxConnections === undefined ? 0 : this.tunnels;
  }

  private makeRoom(limit: number): boolean {
    if (this.hasRoom(limit)) return true;
    this.longestIdle()?.drop();
    return this.hasRoom(limit);
  }

  private hasRoom(limit: number): boolean {
    return this.pools.reduce((sum, { taken }) => sum + taken, this.takenByTunnels) < limit;
  }
}
