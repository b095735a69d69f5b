import { destinationName, type Protocol } from '../../routing/model.ts';
import { beginsLikeRequest, detect } from '../detect/detect.ts';
import type { Downstream, RequestReceiver } from '../message/interfaces.ts';
import type { RequestHead } from '../message/head.ts';
import type { ExchangeContext } from '../exchange/context.ts';
import { Exchange } from '../exchange/exchange.ts';
import { Http1Downstream } from '../http1/downstream.ts';
import type { DownstreamOwner } from '../http1/downstreamOwner.ts';
import type { Refusal } from '../http1/refusal.ts';
import type { Decision, Forward } from '../exchange/candidates.ts';
import { clock } from '../socket/clock.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { waitForSilence } from '../socket/patience.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import { originalEndpoint, type Path, prepareStraight } from './path.ts';
import { takeProbeToken } from './probeToken.ts';
import type { Proxy } from './proxy.ts';
import { openTunnel } from './tunnelTo.ts';

const maxDetectBytes = 16_384;

/** One accepted connection: waits for what its destination is, finds out its protocol, then serves it. */
export class Incoming implements Receiver, DownstreamOwner, ExchangeContext {
  readonly direction: 'outbound' | 'inbound';
  readonly family: 4 | 6;
  readonly port: number;
  readonly destinationName: string;
  readonly random: () => number;
  private first: Buffer = Buffer.alloc(0);
  private stopWaiting: (() => void) | undefined;
  /** Nothing had come when the process last looked, draining. */
  private wasSilent = false;
  private straight: { readonly endpoint: UpstreamEndpoint; readonly decision: Forward } | undefined;
  private served: Http1Downstream | { destroy(): void } | undefined;
  private requests = 0;
  readonly connection: Connection;
  private readonly path: Path;
  private readonly proxy: Proxy;

  constructor(connection: Connection, path: Path, proxy: Proxy) {
    this.connection = connection;
    this.path = path;
    this.proxy = proxy;
    this.direction = path.direction;
    this.random = proxy.random;
    this.family = path.original.address.includes(':') ? 6 : 4;
    this.port = path.original.port;
    this.destinationName = destinationName(path.original.address, path.original.port);
    proxy.connections.add(this);
    // After a time without any connection nothing has kept it up to date.
    clock.ms = performance.now();
    if (path.destination !== undefined) path.destination.users++;
    connection.receiver = this;
  }

  start(): void {
    const { destination } = this.path;
    const { limits, agentConnected } = this.proxy;
    if (destination?.state !== 'pending' || !agentConnected()) return this.begin();
    this.connection.pause();
    destination.whenSettled(limits.discoveryWaitMs, () => {
      if (this.connection.closed) return;
      this.connection.resume();
      this.begin();
    });
  }

  private begin(): void {
    const routing = this.path.destination?.compiled?.routing;
    const protocol = this.protocol(routing?.protocol);
    if (protocol !== 'detect' && protocol !== 'http1') return this.tunnel();
    // Silence means that the server speaks first, unless HTTP is declared or routes are attached.
    const { detectTimeoutMs, idleTimeoutMs } = this.proxy.limits;
    if (protocol === 'http1' || this.hasRoutes)
      this.stopWaiting = waitForSilence(idleTimeoutMs, () => this.connection.destroy());
    else this.stopWaiting = waitForSilence(detectTimeoutMs, () => this.tunnel());
  }

  private protocol(declared: Protocol | undefined): Protocol {
    if (declared !== undefined && declared !== 'detect') return declared;
    // A route that is attached says more than a port number.
    return this.proxy.opaquePorts.has(this.port) && !this.hasRoutes ? 'opaque' : 'detect';
  }

  onBytes(buffer: Buffer, length: number): void {
    const seen = this.first.length;
    if (seen === 0) this.stopWaiting?.();
    const bytes = seen === 0 ? buffer.subarray(0, length) : Buffer.concat([this.first, buffer.subarray(0, length)]);
    const detected = detect(bytes) ?? (bytes.length > maxDetectBytes ? 'opaque' : undefined);
    if (detected === undefined) {
      this.first = Buffer.from(bytes);
      // Counted from the first byte: bytes that trickle in do not prolong it.
      if (seen === 0) this.stopWaiting = waitForSilence(this.proxy.limits.headerTimeoutMs, () => this.serve());
      return;
    }
    if (detected === 'http1' || (detected === 'opaque' && this.mustSpeakHttp1(bytes))) return this.serveHttp1(bytes);
    this.first = Buffer.from(bytes);
    this.tunnel();
  }

  /** The bytes that came are not enough to tell, and no more come. */
  private serve(): void {
    if (this.speaksHttp1) this.serveHttp1(this.first);
    else this.tunnel();
  }

  private get hasRoutes(): boolean {
    return (this.path.destination?.compiled?.routing.routes.length ?? 0) > 0;
  }

  /** Bytes that do not look like HTTP are refused rather than passed through: HTTP is declared, or routes must not be passed by. */
  private mustSpeakHttp1(bytes: Buffer): boolean {
    return this.speaksHttp1 || (this.hasRoutes && beginsLikeRequest(bytes));
  }

  private get speaksHttp1(): boolean {
    return this.path.destination?.compiled?.routing.protocol === 'http1';
  }

  private serveHttp1(bytes: Buffer): void {
    this.stopWaiting?.();
    const downstream = new Http1Downstream(this.connection, this);
    this.served = downstream;
    downstream.onBytes(bytes, bytes.length);
  }

  private tunnel(): void {
    this.stopWaiting?.();
    this.served = openTunnel(
      this.connection,
      { path: this.path, proxy: this.proxy, first: this.first, family: this.family },
      () => this.over(),
    );
    this.first = Buffer.alloc(0);
  }

  onEnd(): void {
    // Without a byte it is no HTTP; a server that speaks first may still have something to say.
    if (this.first.length === 0 && this.speaksHttp1) return this.connection.end();
    this.serve();
    if (this.served instanceof Http1Downstream) this.served.onEnd();
  }

  onDrain(): void {
    // Nothing was written yet.
  }

  onClose(): void {
    this.stopWaiting?.();
    this.over();
  }

  get progressTimeoutMs(): number {
    return this.proxy.limits.progressTimeoutMs;
  }

  get limits(): Proxy['limits'] {
    return this.proxy.limits;
  }

  get closing(): boolean {
    return this.proxy.closing;
  }

  startExchange(downstream: Downstream, head: RequestHead): RequestReceiver {
    this.requests++;
    // The kubelet makes a connection for each probe: of those that are kept, the first request alone is looked at.
    const { report, reportProbe, probeToken } = this.proxy;
    const isProbe = this.requests === 1 && this.direction === 'inbound' && takeProbeToken(head, probeToken);
    const exchange = new Exchange(downstream, head, this, isProbe ? reportProbe : report);
    exchange.start();
    return exchange;
  }

  decide(head: RequestHead): Decision {
    const compiled = this.path.destination?.compiled;
    return compiled === undefined ? this.goStraight() : compiled.decide(head, this.proxy.random);
  }

  private goStraight(): Forward {
    if (this.straight === undefined) {
      const { path, proxy } = this;
      const endpoint = proxy.registry.acquire(originalEndpoint(path.original), path.localAddress);
      this.straight = { endpoint, decision: prepareStraight(path, endpoint, proxy) };
    }
    return this.straight.decision;
  }

  onRefused(refusal: Refusal): void {
    const { direction } = this;
    const nothing = { method: undefined, path: undefined, durationMs: 0, bytesIn: 0, bytesOut: 0 };
    const { status, message: reason } = refusal;
    const flag = status === 408 ? 'SI' : 'DPE';
    const { explanation, metrics } = this.path.destination?.compiled?.unrouted ?? this.goStraight();
    const where = { endpoint: undefined, attempts: 1 };
    this.proxy.report(
      { message: 'request', direction, ...nothing, explanation, ...where, status, flag, reason },
      metrics,
    );
  }

  onClosed(): void {
    this.over();
  }

  /** The process drains: what waits for a request is closed; the rest is told to end after the one under way. */
  drain(): void {
    if (this.served === undefined) {
      // Until it has begun, and once bytes have come, a request may be waiting in it; what it has begun with is read by
      // the second look.
      if (this.stopWaiting === undefined || this.first.length > 0) return;
      if (this.wasSilent) this.connection.destroy();
      this.wasSilent = true;
    } else if (this.served instanceof Http1Downstream && this.served.idle) this.served.close();
  }

  destroy(): void {
    if (this.served === undefined || this.served instanceof Http1Downstream) this.connection.destroy();
    else this.served.destroy();
  }

  private over(): void {
    const { path, proxy, straight } = this;
    if (!proxy.connections.delete(this)) return;
    if (path.destination !== undefined) path.destination.users--;
    if (straight !== undefined) proxy.registry.release(straight.endpoint, path.localAddress);
  }
}
