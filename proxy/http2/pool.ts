import type { Connections, ConnectionLimits, Dial, Wanted } from '../upstream/connections.ts';
import { type Idle, longestIdle } from '../upstream/idle.ts';
import type { Places } from '../upstream/places.ts';
import { Pool } from '../upstream/pool.ts';
import type { PingTimes } from './lifeSigns.ts';
import type { ResponseStream } from './responseStream.ts';
import { Http2Upstream } from './upstream.ts';
import type { UpstreamOwner } from './upstreamOwner.ts';

/** Requests that are given to a connection at most before its server has said how many it takes. */
const mostAtFirst = 100;
const defaultPings: PingTimes = { afterMs: 20_000, withinMs: 10_000, againMs: 310_000 };

/** The HTTP/2 connections to one endpoint: another one only where those that stand take no more requests. */
export class Http2Pool extends Pool implements Connections, UpstreamOwner<Http2Upstream> {
  readonly pings: PingTimes;
  /** What servers say here, since the next one will say the same. */
  firstStreams = mostAtFirst;
  private usable: Http2Upstream[] = [];
  /** Those of them that were dialled since the last one was lost. */
  private fresh: Http2Upstream[] = [];

  constructor(dial: Dial, places: Places, limits: ConnectionLimits, pings = defaultPings) {
    super(dial, places, limits);
    this.pings = pings;
  }

  get idleTimeoutMs(): number {
    return this.limits.idleTimeoutMs;
  }

  take(wanted: Wanted): ResponseStream | undefined {
    // All whose connection is lost share the one that replaces it, which there is whatever the limit.
    const isReplaced = wanted === 'pooled' || this.fresh.length > 0;
    for (const upstream of wanted === 'pooled' ? this.usable : this.fresh) {
      if (upstream.room <= 0) continue;
      // Whatever has come on it will be read; until then nothing is sent that its end could make lost.
      if (upstream.mayBeStale && !upstream.connection.stillStands()) continue;
      return upstream.newStream();
    }
    return !isReplaced || this.mayOpen() ? this.connect().newStream() : undefined;
  }

  /** Those that are used up end by themselves: what long streams keep of them takes no place from its successor. */
  get taken(): number {
    return this.usable.length;
  }

  longestIdle(): Idle | undefined {
    const idle = this.usable.filter(({ assigned }) => assigned === 0);
    return longestIdle(idle.map((upstream) => ({ connection: upstream.connection, drop: () => upstream.useUp() })));
  }

  private connect(): Http2Upstream {
    this.open++;
    let upstream: Http2Upstream | undefined;
    const connection = this.dial(() => upstream?.onConnect());
    upstream = new Http2Upstream(connection, this, this.limits.connectTimeoutMs);
    this.usable.push(upstream);
    this.fresh.push(upstream);
    return upstream;
  }

  serveWaiting(): void {
    while (this.waiters.length > 0) {
      const stream = this.take('pooled');
      if (stream === undefined) return;
      this.nextWaiter()?.onUpstream(stream);
    }
  }

  onSettled(upstream: Http2Upstream, most: number): void {
    this.firstStreams = Math.max(1, Math.min(most, mostAtFirst));
    this.onRoom(upstream);
  }

  onRoom(upstream: Http2Upstream): void {
    this.places.serveWaiting();
    if (this.retired && upstream.assigned === 0) upstream.useUp();
  }

  onUsedUp(upstream: Http2Upstream): void {
    this.usable = this.usable.filter((one) => one !== upstream);
    this.fresh = [];
    this.places.serveWaiting();
  }

  onGone(): void {
    this.open--;
  }

  retire(): void {
    this.retired = true;
    for (const upstream of this.usable) if (upstream.assigned === 0) upstream.useUp();
  }
}
