import { type ServerOptions, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { inboundName } from '../../routing/model.ts';
import { capabilityNames } from '../../routing/wire/capabilities.ts';
import { deltaAggregatedResourcesInBytes as deltaAggregatedResources } from '../../routing/wire/delta.ts';
import type { Logger } from '../../runtime/log.ts';
import { createSeldom } from '../../runtime/seldom.ts';
import type { StreamState } from './deliveries.ts';
import { type Identify, peerAddress } from './identity.ts';
import { listen, type Listening } from './listen.ts';
import { collectPassedBy, type PassedBy } from './passedBy.ts';
import { PeerRates } from './peerRates.ts';
import { placeLimits, Places } from './places.ts';
import { ResponseEncoder } from './responses.ts';
import { SentBudget } from './sentBudget.ts';
import { followSentStreams } from './sentStreams.ts';
import { type Call, DiscoveryStream, failure, type Published } from './stream.ts';

export type DiscoveryServer = {
  /**
   * Tells every stream, and every later one; `news` are the names that differ from the last time. Streams wait until
   * this was called once.
   */
  publish(published: Published, news: ReadonlySet<string>): void;
  /** Resolves to the address once it listens. `[::]` falls back to `0.0.0.0` where there is no IPv6. */
  listen(address: string): Promise<string>;
  /** Ends all streams in good order, so that sidecars look for another agent; cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
  readonly streams: number;
  /** For each capability, the streams of sidecars that do not have it. */
  lacking(): ReadonlyMap<string, number>;
  /** What is known of each stream. */
  states(): readonly StreamState[];
  /** The routes that sidecars with a stream pass by, since they are older than this agent. */
  passedBy(): ReadonlyMap<string, PassedBy>;
  /** What clients have sent and no stream has taken yet. */
  readonly sentBytes: number;
  /** Connections that were cut because they held most of too much. */
  readonly cutConnections: number;
};

export type DiscoveryServerOptions = {
  readonly log: Logger;
  readonly identify: Identify;
  /** Plain text when left out. */
  readonly credentials?: ServerCredentials;
  /** A stream ends at this age, give or take a tenth. */
  readonly maximumStreamAgeMs?: number;
  /** How long a stream that was ended may keep its connection. */
  readonly lingerMs?: number;
  /** What sidecars may lack; that of this version when left out. */
  readonly capabilities?: readonly string[];
};

const halfAnHourMs = 1_800_000;

/** Of requests that are not whole or not taken yet, from all clients: a sidecar sends at most 256 KiB at once. */
const mostSentBytes = 32 * 1024 * 1024;

const options: ServerOptions = {
  // Subscriptions and versions of a reconnecting sidecar; see the limits of a stream.
  'grpc.max_receive_message_length': 3 * 1024 * 1024,
  'grpc.max_concurrent_streams': 4,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  // A sidecar has its stream from the start.
  'grpc.max_connection_idle_ms': 30_000,
  'grpc.enable_channelz': 0,
};

/** Streams that one address may open: each costs the agent more than who opens it. */
const openingRate = { perSecond: 20, burst: 200 };
const refusalsEveryMs = 10_000;
const rememberedPeers = 1000;

/** The delta xDS server. Whatever a peer sends ends at most that peer's stream. */
export function createDiscoveryServer({
  log,
  identify,
  credentials = ServerCredentials.createInsecure(),
  maximumStreamAgeMs = halfAnHourMs,
  lingerMs = 10_000,
  capabilities = capabilityNames,
}: DiscoveryServerOptions): DiscoveryServer {
  const server = new Server(options);
  const streams = new Set<DiscoveryStream>();
  const places = new Places<DiscoveryStream>(placeLimits, (stream) =>
    stream.end(status.RESOURCE_EXHAUSTED, 'This stream makes room for newer ones of the same pod or address'),
  );
  const encoder = new ResponseEncoder();
  const opening = new PeerRates(openingRate);
  const maySay = createSeldom(refusalsEveryMs, rememberedPeers);
  let listening: Listening | undefined;
  const sent = new SentBudget({ log, mostBytes: mostSentBytes, cut: (connection) => listening?.cut(connection) });
  const sentStreams = followSentStreams(sent, (from, localPort) => listening?.has(from, localPort) === true);
  let published: Published | undefined;
  let closing = false;

  const cutUnused = (connection: string): void => {
    if (!streams.values().some((stream) => stream.connection === connection)) listening?.cut(connection);
  };

  const onCall = (call: Call): void => {
    if (closing) return refuse(call, status.UNAVAILABLE, 'The agent is shutting down; reconnect');
    // The call does not know it any more once it has ended.
    const connection = call.getPeer();
    const peer = peerAddress(connection);
    const reason = opening.allows(peer) ? places.findRefusal(peer) : 'this address opens streams too fast';
    if (reason !== undefined) {
      if (maySay(peer)) log.warn({ peer, streams: streams.size, reason }, 'Stream refused: there are too many');
      return refuse(call, status.RESOURCE_EXHAUSTED, reason);
    }
    // Streams that began together, after a rollout, do not end together.
    const maximumAgeMs = maximumStreamAgeMs * (0.9 + Math.random() / 5);
    const waiting = sentStreams.of(call.metadata);
    const stream: DiscoveryStream = new DiscoveryStream(call, {
      log,
      identify,
      encoder,
      maximumAgeMs,
      lingerMs,
      capabilities,
      maySay,
      cut: () => listening?.cut(connection),
      onTaken: () => waiting?.taken(),
      onIdentity(identity) {
        places.identify(stream, identity);
        if (waiting !== undefined) waiting.holder = inboundName(identity);
      },
      onClose() {
        streams.delete(stream);
        places.forget(stream);
        // Where keepalive has given a peer up, Node keeps the connection until it has taken what was written: that may be never.
        if (call.cancelled) setTimeout(() => cutUnused(connection), lingerMs).unref();
      },
    });
    streams.add(stream);
    places.enter(stream, peer);
    if (published !== undefined) stream.publish(published);
    return undefined;
  };
  server.addService({ deltaAggregatedResources }, { deltaAggregatedResources: onCall });

  return {
    get streams() {
      return streams.size;
    },
    lacking() {
      const lacking = new Map(capabilities.map((capability) => [capability, 0]));
      for (const { lacks } of streams)
        for (const capability of lacks) lacking.set(capability, (lacking.get(capability) ?? 0) + 1);
      return lacking;
    },
    states: () => Array.from(streams, ({ state }) => state),
    passedBy: () => collectPassedBy(streams.values().map(({ passing }) => passing)),
    get sentBytes() {
      return sent.bytes;
    },
    get cutConnections() {
      return sent.cutConnections;
    },
    publish(next, news) {
      published = next;
      for (const stream of streams) stream.publish(next, news);
    },
    async listen(address) {
      const injector = server.createConnectionInjector(credentials);
      listening = await listen(address, (socket) => injector.injectConnection(socket));
      return listening.address;
    },
    async close(graceMs) {
      closing = true;
      for (const stream of streams) stream.end(status.OK, '');
      let timer: NodeJS.Timeout | undefined;
      const isForced = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          server.forceShutdown();
          listening?.cut();
          resolve();
        }, graceMs);
      });
      const isShutDown = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      await Promise.all([
        // gRPC waits for ever for a connection that keepalive has given up while its peer did not read.
        Promise.race([isShutDown, isForced]),
        // What was said last has left only when the connections have ended.
        listening?.close(),
      ]);
      clearTimeout(timer);
      sentStreams.close();
    },
  };
}

function refuse(call: Call, code: status, details: string): void {
  call.on('error', () => undefined);
  call.emit('error', failure(code, details));
}
