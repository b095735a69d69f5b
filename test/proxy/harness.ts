import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import {
  destinationName,
  type Endpoint,
  type Endpoints,
  type InboundPort,
  type ServiceRouting,
} from '../../routing/model.ts';
import { Bag } from '../../runtime/bag.ts';
import type { PingTimes } from '../../proxy/http2/lifeSigns.ts';
import { Http2Pool } from '../../proxy/http2/pool.ts';
import { connectionsByProtocol } from '../../proxy/serve/connectionsByProtocol.ts';
import type { Engine, EngineLimits } from '../../proxy/serve/engine.ts';
import type { RefusedHint } from '../../sidecar/refusedHint.ts';
import type { Path } from '../../sidecar/redirected/path.ts';
import type { Draining } from '../../sidecar/shutdown.ts';
import { InboundPorts } from '../../sidecar/redirected/inboundPorts.ts';
import { Peers } from '../../sidecar/redirected/peers.ts';
import type { TransparentRole } from '../../sidecar/redirected/role.ts';
import { serveRedirected } from '../../sidecar/redirected/serve.ts';
import { createReport } from '../../proxy/serve/report.ts';
import { createAccessLog } from '../../proxy/observe/accessLog.ts';
import { createMetrics } from '../../proxy/observe/metrics.ts';
import { takeOver } from './takeOver.ts';
import type { Connection } from '../../proxy/socket/connection.ts';
import type { DialTarget, SocketMaker } from '../../proxy/socket/dial.ts';
import { RoutingTable } from '../../proxy/table/table.ts';
import type { UpstreamEndpoint } from '../../proxy/upstream/endpoint.ts';
import type { ConnectionLimits, ConnectionsByProtocol } from '../../proxy/upstream/connections.ts';
import { UpstreamRegistry } from '../../proxy/upstream/registry.ts';

// Longer than any wait of a test: what ends by one of these would have hung. A test of a limit sets its own.
const neverMs = 120_000;
const limits: EngineLimits & { discoveryWaitMs: number } = {
  headerTimeoutMs: neverMs,
  idleTimeoutMs: neverMs,
  progressTimeoutMs: neverMs,
  connectTimeoutMs: neverMs,
  detectTimeoutMs: neverMs,
  discoveryWaitMs: neverMs,
};
const poolLimits: ConnectionLimits = {
  maxConnections: 100,
  maxWaiting: 100,
  connectTimeoutMs: neverMs,
  idleTimeoutMs: neverMs,
};

/** One access log line. */
export type Entry = Readonly<Record<string, string | number | undefined>>;

export type SidecarOptions = {
  readonly limits?: Partial<typeof limits>;
  readonly pool?: Partial<ConnectionLimits>;
  /** When silent connections to endpoints of HTTP/2 are asked for a sign of life. */
  readonly pings?: PingTimes;
  /** Connections to endpoints from which on idle ones make room. */
  readonly mostDialled?: number;
  readonly random?: () => number;
  readonly opaquePorts?: readonly number[];
  readonly inboundSilenceMs?: number;
  readonly refusedHint?: RefusedHint;
  /** What is declared of inbound ports; null: the agent has not said it yet. */
  readonly inbound?: readonly InboundPort[] | null;
  readonly probeToken?: string;
  readonly via?: string;
  readonly isDebug?: () => boolean;
  readonly agentConnected?: () => boolean;
  readonly makeSocket?: SocketMaker;
  /** Where connections from clients, or to endpoints, are not raw ones. */
  readonly accept?: (onConnection: (connection: Connection) => void) => net.Server;
  readonly dial?: DialConnection;
};

type DialConnection = (target: DialTarget, onConnect: () => void) => Connection;

/** Remembers every endpoint that it gave out, so that a test can look at their counters. */
class WatchedRegistry extends UpstreamRegistry {
  readonly given = new Set<UpstreamEndpoint>();
  readonly dialled: Connection[] = [];
  private readonly dialLayered: DialConnection | undefined;

  constructor({ pool, pings, makeSocket, mostDialled, dial }: SidecarOptions) {
    const ofPool = { ...poolLimits, ...pool };
    const http2: ConnectionsByProtocol['http2'] = (toEndpoint, places) =>
      new Http2Pool(toEndpoint, places, ofPool, pings);
    super({ ...connectionsByProtocol(ofPool), http2 }, makeSocket, undefined, mostDialled);
    this.dialLayered = dial;
  }

  protected override dial(target: DialTarget, onConnect: () => void): Connection {
    const connection = this.dialLayered?.(target, onConnect) ?? super.dial(target, onConnect);
    this.dialled.push(connection);
    return connection;
  }

  override acquire(endpoint: Endpoint, localAddress?: string): UpstreamEndpoint {
    const upstream = super.acquire(endpoint, localAddress);
    this.given.add(upstream);
    return upstream;
  }
}

function acceptRaw(onConnection: (connection: Connection) => void): net.Server {
  return net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
    const connection = takeOver(socket);
    if (connection !== undefined) onConnection(connection);
  });
}

/** The data path of a sidecar in this process: accepts plain connections as if they had been redirected. */
export class Sidecar {
  readonly engine: Engine;
  readonly transparentRole: TransparentRole;
  readonly table: RoutingTable;
  readonly registry: WatchedRegistry;
  readonly metrics = createMetrics();
  readonly entries: Entry[] = [];
  /** What the table asked of the agent: `+routing name`, `-endpoints name`. */
  readonly interest: string[] = [];
  readonly servers: net.Server[] = [];
  private readonly accept: NonNullable<SidecarOptions['accept']>;

  constructor(options: SidecarOptions = {}) {
    this.registry = new WatchedRegistry(options);
    this.accept = options.accept ?? acceptRaw;
    const { metrics } = this;
    const note = (kind: string) => ({
      want: (name: string) => void this.interest.push(`+${kind} ${name}`),
      drop: (name: string) => void this.interest.push(`-${kind} ${name}`),
    });
    const interest = { routing: note('routing'), endpoints: note('endpoints') };
    this.table = new RoutingTable({
      interest,
      endpoints: this.registry,
      metrics: metrics.http,
      agentConnected: options.agentConnected ?? ((): boolean => true),
    });
    const write = (line: string): void => void this.entries.push(JSON.parse(line) as Entry);
    const destination = { write, writeAscii: write };
    const accessLog = createAccessLog({
      program: 'sidecar',
      destination,
      level: { mode: 'all', sampleOneIn: 1 },
      isDebug: options.isDebug ?? ((): boolean => false),
    });
    const given = { ...limits, ...options.limits };
    this.engine = {
      limits: given,
      registry: this.registry,
      accessLog,
      report: createReport(accessLog.write),
      random: options.random ?? Math.random,
      closing: false,
      connections: new Bag(),
    };
    const inbound = new InboundPorts();
    if (options.inbound !== null) inbound.apply({ ports: options.inbound ?? [] });
    this.transparentRole = {
      engine: this.engine,
      table: this.table,
      inbound,
      peers: new Peers({ interest: note('peer'), isLogged: () => true }),
      metrics,
      log: pino({ enabled: false }),
      opaquePorts: new Set(options.opaquePorts),
      via: options.via ?? '',
      inboundSilenceMs: options.inboundSilenceMs ?? neverMs,
      refusedHint: options.refusedHint ?? ((): undefined => undefined),
      probeToken: options.probeToken ?? '',
      reportProbe: createReport(accessLog.writeIfNews),
      agentConnected: options.agentConnected ?? ((): boolean => true),
      discoveryWaitMs: given.discoveryWaitMs,
    };
  }

  /** A port whose connections go this way. */
  async listen(path: Path): Promise<number> {
    const server = this.accept((connection) => serveRedirected(connection, path, this.transparentRole));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.servers.push(server);
    return (server.address() as net.AddressInfo).port;
  }

  /** A port that leads straight to a port of loopback. */
  straight(port: number, direction: 'inbound' | 'outbound' = 'inbound'): Promise<number> {
    const original = { address: '127.0.0.1', port };
    const peer = direction === 'inbound' ? '192.0.2.9' : undefined;
    return this.listen({ direction, original, destination: undefined, peer, localAddress: undefined });
  }

  /** A port whose connections went to this address and port of a Service. */
  service(address = '10.96.0.10', port = 80): Promise<number> {
    const original = { address, port };
    const destination = this.table.lookup(destinationName(address, port));
    return this.listen({ direction: 'outbound', original, destination, peer: undefined, localAddress: undefined });
  }

  /** Applies a routing for 10.96.0.10:80, and endpoints. */
  apply(routing: ServiceRouting, ...endpoints: readonly Endpoints[]): string | undefined {
    const name = '10.96.0.10:80';
    this.table.lookup(name);
    const problem = this.table.applyRouting(name, routing, 'r1');
    for (const one of endpoints) this.table.applyEndpoints(one);
    return problem;
  }

  /** What a drain takes; only its time is missing. */
  get draining(): Omit<Draining, 'graceMs'> {
    return { engine: this.engine, listeners: this.servers, log: this.transparentRole.log };
  }

  /** Bytes that wait in this process to be written, on either side. */
  get buffered(): number {
    const downstream = [...this.engine.connections].map(({ connection }) => connection);
    return [...downstream, ...this.registry.dialled].reduce((sum, { unsent }) => sum + unsent, 0);
  }

  /** Waits for the log to have `count` lines. */
  async logged(count: number): Promise<readonly Entry[]> {
    for (let turn = 0; turn < 3000 && this.entries.length < count; turn++) await sleep(10);
    return this.entries;
  }

  /** Waits until no connection is open; then tells every counter that should be back at zero and is not. */
  async leftovers(): Promise<readonly string[]> {
    let found: readonly string[] = [];
    for (let turn = 0; turn < 3000; turn++) {
      found = this.counters();
      if (found.length === 0) break;
      await sleep(10);
    }
    return found;
  }

  /** Waits until this many requests and connections are given to endpoints, those that wait for a connection too. */
  async outstanding(count: number): Promise<void> {
    const sum = (): number => [...this.registry.given].reduce((all, { outstanding }) => all + outstanding, 0);
    for (let turn = 0; turn < 3000 && sum() !== count; turn++) await sleep(10);
    if (sum() !== count) throw new Error(`${sum()} are outstanding, not ${count}`);
  }

  private counters(): readonly string[] {
    const found: string[] = [];
    if (this.engine.connections.size > 0) found.push(`${this.engine.connections.size} connections`);
    for (const { endpoint, outstanding } of this.registry.given) {
      if (outstanding !== 0)
        found.push(`${outstanding} outstanding at ${destinationName(endpoint.address, endpoint.port)}`);
    }
    const { destinations } = this.table.describe() as { destinations: readonly { connections: number }[] };
    const users = destinations.reduce((sum, { connections }) => sum + connections, 0);
    if (users !== 0) found.push(`${users} users of destinations`);
    if (destinations.length === 0 && this.registry.size.endpoints > 0) found.push('endpoints that nobody refers to');
    return found;
  }

  close(): void {
    for (const server of this.servers) server.close();
    for (const { served } of this.engine.connections) served.destroy('the process stops');
  }
}

/** A ready endpoint on loopback. */
export function readyEndpoint(port: number, parts: Partial<Endpoint> = {}): Endpoint {
  return { address: '127.0.0.1', port, ready: true, serving: true, terminating: false, ...parts };
}

/** The endpoints of `shop/<service>:80`. */
export function endpointsOf(service: string, ...endpoints: readonly Endpoint[]): Endpoints {
  return { name: `shop/${service}:80`, endpoints };
}

/** The Service port `shop/cart:80` without routes, unless told otherwise. */
export function routingSample(parts: Partial<ServiceRouting> = {}): ServiceRouting {
  const service = { namespace: 'shop', name: 'cart' };
  return { service, port: 80, protocol: 'detect', routes: [], endpoints: 'shop/cart:80', ...parts };
}

/** A sidecar that lives as long as its test. */
export function setUp(t: ExecutionContext, options?: SidecarOptions): Sidecar {
  const sidecar = new Sidecar(options);
  t.teardown(() => sidecar.close());
  return sidecar;
}
