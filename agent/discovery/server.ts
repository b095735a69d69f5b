import { type ServerOptions, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { deltaAggregatedResources } from '../../routing/wire/delta.ts';
import type { Logger } from '../../runtime/log.ts';
import { type Call, DiscoveryStream, type Published } from './stream.ts';

export type DiscoveryServer = {
  /** Tells every stream, and every later one. Streams wait until this was called once. */
  publish(published: Published): void;
  /** Resolves to the address once it listens. `[::]` falls back to `0.0.0.0` where there is no IPv6. */
  listen(address: string): Promise<string>;
  /** Ends all streams, so that sidecars look for another agent; cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
  readonly streams: number;
};

const maximumStreams = 2000;

const options: ServerOptions = {
  // Subscriptions and versions of a reconnecting sidecar; see the limits of a stream.
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
  'grpc.max_concurrent_streams': 4,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
};

/** The delta xDS server. Whatever a peer sends ends at most that peer's stream. */
export function createDiscoveryServer(log: Logger): DiscoveryServer {
  const server = new Server(options);
  const streams = new Set<DiscoveryStream>();
  let published: Published | undefined;
  let closing = false;

  const onCall = (call: Call): void => {
    const stream = new DiscoveryStream(call, log, () => streams.delete(stream));
    if (closing) return stream.end(status.UNAVAILABLE, shuttingDown);
    if (streams.size >= maximumStreams) {
      log.warn({ streams: streams.size }, 'Stream refused: there are too many');
      return stream.end(status.RESOURCE_EXHAUSTED, 'This agent serves too many streams');
    }
    streams.add(stream);
    if (published !== undefined) stream.publish(published);
    return undefined;
  };
  server.addService({ deltaAggregatedResources }, { deltaAggregatedResources: onCall });

  return {
    get streams() {
      return streams.size;
    },
    publish(next) {
      published = next;
      for (const stream of streams) stream.publish(next);
    },
    async listen(address) {
      try {
        return await bind(server, address);
      } catch (error) {
        if (!address.startsWith('[::]:')) throw error;
        return bind(server, address.replace('[::]', '0.0.0.0'));
      }
    },
    async close(graceMs) {
      closing = true;
      for (const stream of streams) stream.end(status.UNAVAILABLE, shuttingDown);
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
    },
  };
}

const shuttingDown = 'The agent is shutting down; reconnect';

function bind(server: Server, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(address.replace(/\d+$/, String(port)));
      else reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
}
