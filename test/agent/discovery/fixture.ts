import type { ExecutionContext } from 'ava';
import { type Logger, pino } from 'pino';
import {
  type DiscoveryServer,
  type DiscoveryServerOptions,
  createDiscoveryServer,
} from '../../../agent/discovery/server.ts';
import type { Contents } from '../../../agent/discovery/content.ts';
import { Resources } from '../../../agent/discovery/resources.ts';
import type { Change } from '../../../agent/translate/derived.ts';
import { identifyByAddress, type Identity } from '../../../agent/discovery/identity.ts';
import {
  destinationName,
  endpointsName,
  type Endpoints,
  type Inbound,
  inboundName,
  type Peer,
  type ServiceRouting,
} from '../../../routing/model.ts';
import type { DestinationRouting, ServiceEndpoints } from '../../../agent/translate/result.ts';
import { type ClientOptions, TestClient } from './client.ts';

type LogLine = Readonly<Record<string, unknown>>;

export type Fixture = {
  readonly server: DiscoveryServer;
  readonly address: string;
  readonly lines: LogLine[];
  readonly connect: (options?: ClientOptions) => TestClient;
  readonly publish: (published: Published, pods?: Pods) => void;
};

type Published = {
  readonly routings?: readonly DestinationRouting[];
  readonly endpoints?: readonly ServiceEndpoints[];
  readonly zones?: Readonly<Record<string, string>>;
  readonly inbound?: Inbound;
  /** By address. */
  readonly peers?: Readonly<Record<string, Peer>>;
  readonly complete?: boolean;
};
type Pods = Readonly<Record<string, Identity>>;

/** A discovery server at `at`, a free port of the loopback, closed when the test ends; `contents`: its own way of encoding. */
export async function startServer(
  t: ExecutionContext,
  options: Partial<DiscoveryServerOptions> | ((log: Logger) => Partial<DiscoveryServerOptions>) = {},
  contents?: Contents,
  at = '127.0.0.1:0',
): Promise<Fixture> {
  const lines: LogLine[] = [];
  const log = pino(
    { level: 'debug', messageKey: 'message' },
    { write: (line) => void lines.push(JSON.parse(line) as LogLine) },
  );
  const given = typeof options === 'function' ? options(log) : options;
  const server = createDiscoveryServer({ log, identify: identifyByAddress, ...given });
  const address = await server.listen(at);
  const clients: TestClient[] = [];
  let declared: Inbound = { ports: [] };
  let known: Readonly<Record<string, Peer>> = {};
  const resources = new Resources(contents, {
    inboundOf: () => declared,
    peerOf: (name) => (Object.hasOwn(known, name) ? known[name] : undefined),
  });
  let last: Required<Pick<Published, 'routings' | 'endpoints'>> = { routings: [], endpoints: [] };
  t.teardown(async () => {
    for (const client of clients) client.close();
    await server.close(200);
  });
  return {
    server,
    address,
    lines,
    connect(clientOptions) {
      const client = new TestClient(address, undefined, clientOptions);
      clients.push(client);
      return client;
    },
    publish(
      { routings = [], endpoints = [], zones = {}, inbound = { ports: [] }, peers = {}, complete = true },
      pods = {},
    ) {
      const changes = {
        routings: findChanges(last.routings, routings, ({ destination, clientNamespace = '' }) =>
          `${destination} ${clientNamespace}`.trim(),
        ),
        endpoints: findChanges(last.endpoints, endpoints, ({ name }) => name),
        pods: new Set(Object.values(pods).map(inboundName)),
        peers: new Set(Object.keys({ ...known, ...peers })),
      };
      last = { routings, endpoints };
      declared = inbound;
      known = peers;
      const news = resources.update(changes, complete);
      const whoIsWho = { identities: new Map(Object.entries(pods)), zones: new Map(Object.entries(zones)) };
      server.publish({ resources, ...whoIsWho }, news);
    },
  };
}

function findChanges<V>(before: readonly V[], after: readonly V[], keyOf: (value: V) => string): readonly Change<V>[] {
  const [old, fresh] = [before, after].map((list) => new Map(list.map((value) => [keyOf(value), value])));
  const keys = new Set([...before, ...after].map(keyOf));
  return Array.from(keys, (key) => ({ key, before: old?.get(key), after: fresh?.get(key) }));
}

export const webEndpoints = endpointsName({ namespace: 'shop', name: 'web' }, 80);

export function makeEndpoints(...addresses: readonly string[]): Endpoints {
  const endpoints = addresses.map((address) => ({
    address,
    port: 8080,
    ready: true,
    serving: true,
    terminating: false,
  }));
  return { name: webEndpoints, endpoints };
}

export const webDestination = destinationName('10.96.0.1', 80);

/** The routing of shop/web:80, for the clients of one namespace or for all others. */
export function makeRouting(protocol: ServiceRouting['protocol'], clientNamespace?: string): DestinationRouting {
  const service = { namespace: 'shop', name: 'web' };
  const routing = { service, port: 80, protocol, routes: [], endpoints: webEndpoints };
  return { destination: webDestination, clientNamespace, routing };
}
