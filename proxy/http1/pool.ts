import { clock } from '../socket/clock.ts';
import type { Connections, Wanted } from '../upstream/connections.ts';
import { Pool } from '../upstream/pool.ts';
import { Http1Upstream, type UpstreamOwner } from './upstream.ts';

// Kept this much shorter than what the server promised, so that it never closes under a request of ours.
const keepAliveMarginMs = 1000;

/** The HTTP/1.1 connections to one endpoint. The one used last is used next, so that surplus ones grow idle and close. */
export class Http1Pool extends Pool implements Connections, UpstreamOwner {
  private readonly idle: Http1Upstream[] = [];

  take(wanted: Wanted): Http1Upstream | undefined {
    if (wanted === 'fresh') return this.connect();
    let upstream = this.idle.pop();
    while (upstream !== undefined) {
      // Asked of the kernel before every request: bytes that nobody asked for would be taken for its response.
      if (upstream.connection.stillStands()) return upstream;
      upstream.drop();
      upstream = this.idle.pop();
    }
    return this.mayOpen() ? this.connect() : undefined;
  }

  private connect(): Http1Upstream {
    this.open++;
    let upstream: Http1Upstream | undefined;
    const connection = this.dial(() => upstream?.onConnect());
    upstream = new Http1Upstream(connection, this);
    upstream.deadline = clock.ms + this.limits.connectTimeoutMs;
    return upstream;
  }

  get taken(): number {
    return this.open;
  }

  serveWaiting(): void {
    while (this.waiters.length > 0 && this.mayOpen()) this.nextWaiter()?.onUpstream(this.connect());
  }

  onReusable(upstream: Http1Upstream): void {
    if (this.waiters.length > 0) {
      if (!upstream.connection.stillStands()) return upstream.drop();
      return this.nextWaiter()?.onUpstream(upstream);
    }
    if (this.retired) return upstream.drop();
    const idleMs = Math.min(this.limits.idleTimeoutMs, upstream.keepAliveMs - keepAliveMarginMs);
    if (idleMs <= 0) return upstream.drop();
    upstream.deadline = clock.ms + idleMs;
    this.idle.push(upstream);
    // In another protocol.
    if (this.places.waiting > 0) this.places.serveWaiting();
  }

  onGone(upstream: Http1Upstream): void {
    this.open--;
    const at = this.idle.indexOf(upstream);
    if (at >= 0) this.idle.splice(at, 1);
    this.places.serveWaiting();
  }

  longestIdle(): Http1Upstream | undefined {
    return this.idle[0];
  }

  retire(): void {
    this.retired = true;
    for (const upstream of this.idle.splice(0)) upstream.drop();
  }
}
