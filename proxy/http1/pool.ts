import type { Upstream } from '../message/interfaces.ts';
import { Http1Upstream, type UpstreamOwner } from './upstream.ts';
import type { Connection } from '../socket/connection.ts';
import { isAlive } from '../socket/alive.ts';
import { clock } from '../socket/clock.ts';

export type PoolLimits = {
  /** Connections to one endpoint; more requests wait. */
  readonly maxConnections: number;
  /** Requests that may wait for a connection; more are refused. */
  readonly maxWaiting: number;
  readonly connectTimeoutMs: number;
  /** An unused connection is closed after this long. */
  readonly idleTimeoutMs: number;
};

/** A request that waits for a connection. */
export interface PoolWaiter {
  onUpstream(upstream: Upstream): void;
}

/** Starts a connection; calls back once it stands. */
export type Dial = (onConnect: () => void) => Connection;

// Kept this much shorter than what the server promised, so that it never closes under a request of ours.
const keepAliveMarginMs = 1000;

/** The HTTP/1.1 connections to one endpoint. The one used last is used next, so that surplus ones grow idle and close. */
export class Pool implements UpstreamOwner {
  private readonly idle: Http1Upstream[] = [];
  private readonly waiters: PoolWaiter[] = [];
  private open = 0;
  private retired = false;
  private readonly dial: Dial;
  private readonly limits: PoolLimits;
  private readonly fault: () => void;

  constructor(dial: Dial, limits: PoolLimits, onFault: () => void) {
    this.dial = dial;
    this.limits = limits;
    this.fault = onFault;
  }

  get connections(): number {
    return this.open;
  }

  /**
   * A connection for one request, or undefined when the limit is reached: then `wait`. `mustLive`: the request could not
   * be repeated, so a pooled connection is looked at first; a dead one is passed over.
   */
  take(mustLive: boolean): Http1Upstream | undefined {
    let upstream = this.idle.pop();
    while (upstream !== undefined) {
      if (!mustLive || isAlive(upstream.connection.socket)) return upstream;
      upstream.drop();
      upstream = this.idle.pop();
    }
    return this.open < this.limits.maxConnections ? this.connect() : undefined;
  }

  /** A fresh connection, whatever the limit: for a request whose pooled connection proved dead. */
  connect(): Http1Upstream {
    this.open++;
    let upstream: Http1Upstream | undefined;
    const connection = this.dial(() => upstream?.onConnect());
    upstream = new Http1Upstream(connection, this);
    upstream.deadline = clock.ms + this.limits.connectTimeoutMs;
    return upstream;
  }

  /** False when too many wait already. */
  wait(waiter: PoolWaiter): boolean {
    if (this.waiters.length >= this.limits.maxWaiting) return false;
    this.waiters.push(waiter);
    return true;
  }

  stopWaiting(waiter: PoolWaiter): void {
    const at = this.waiters.indexOf(waiter);
    if (at >= 0) this.waiters.splice(at, 1);
  }

  onReusable(upstream: Http1Upstream): void {
    const waiter = this.waiters.shift();
    if (waiter !== undefined) return waiter.onUpstream(upstream);
    if (this.retired) return upstream.drop();
    const idleMs = Math.min(this.limits.idleTimeoutMs, upstream.keepAliveMs - keepAliveMarginMs);
    if (idleMs <= 0) return upstream.drop();
    upstream.deadline = clock.ms + idleMs;
    this.idle.push(upstream);
  }

  onGone(upstream: Http1Upstream): void {
    this.open--;
    const at = this.idle.indexOf(upstream);
    if (at >= 0) this.idle.splice(at, 1);
    const waiter = this.open < this.limits.maxConnections ? this.waiters.shift() : undefined;
    waiter?.onUpstream(this.connect());
  }

  onFault(): void {
    this.fault();
  }

  /** Closes idle connections now and the others when their request is done. */
  retire(): void {
    this.retired = true;
    for (const upstream of this.idle.splice(0)) upstream.drop();
  }

  /** Undoes retire: the endpoint is back. */
  revive(): void {
    this.retired = false;
  }
}
