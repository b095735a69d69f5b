import { type ServerOptions, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { capabilityNames } from '../../routing/wire/capabilities.ts';
import { deltaAggregatedResources } from '../../routing/wire/delta.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Identify } from './identity.ts';
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
};

export type DiscoveryServerOptions = {
  readonly log: Logger;
  readonly identify: Identify;
  /** Plain text when left out. */
  readonly credentials?: ServerCredentials;
  /** A stream ends at this age, give or take a tenth. */
  readonly maximumStreamAgeMs?: number;
  /** What sidecars may lack; that of this version when left out. */
  readonly capabilities?: readonly string[];
};

const maximumStreams = 2000;
const halfAnHourMs = 1_800_000;

const options: ServerOptions = {
  // Subscriptions and versions of a reconnecting sidecar; see the limits of a stream.
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
  'grpc.max_concurrent_streams': 4,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
};

/** The delta xDS server. Whatever a peer sends ends at most that peer's stream. */
export function createDiscoveryServer({
  log,
  identify,
  credentials = ServerCredentials.createInsecure(),
  maximumStreamAgeMs = halfAnHourMs,
  capabilities = capabilityNames,
}: DiscoveryServerOptions): DiscoveryServer {
  const server = new Server(options);
  const streams = new Set<DiscoveryStream>();
  let published: Published | undefined;
  let closing = false;

  const onCall = (call: Call): void => {
    if (closing) return refuse(call, status.UNAVAILABLE, 'The agent is shutting down; reconnect');
    if (streams.size >= maximumStreams) {
      log.warn({ streams: streams.size }, 'Stream refused: there are too many');
      return refuse(call, status.RESOURCE_EXHAUSTED, 'This agent serves too many streams');
    }
    // Streams that began together, after a rollout, do not end together.
    const maximumAgeMs = maximumStreamAgeMs * (0.9 + Math.random() / 5);
    const onClose = (): unknown => streams.delete(stream);
    const stream = new DiscoveryStream(call, { log, identify, maximumAgeMs, capabilities, onClose });
    streams.add(stream);
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
    publish(next, news) {
      published = next;
      for (const stream of streams) stream.publish(next, news);
    },
    async listen(address) {
      try {
        return await bind(address);
      } catch (error) {
        if (!address.startsWith('[::]:')) throw error;
        return bind(address.replace('[::]', '0.0.0.0'));
      }
    },
    async close(graceMs) {
      closing = true;
      for (const stream of streams) stream.end(status.OK, '');
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
    },
  };

  function bind(address: string): Promise<string> {
    return new Promise((resolve, reject) => {
      server.bindAsync(address, credentials, (error, port) => {
        if (error === null) resolve(address.replace(/\d+$/, String(port)));
        else reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
      });
    });
  }
}

function refuse(call: Call, code: status, details: string): void {
  call.on('error', () => undefined);
  call.emit('error', failure(code, details));
}
