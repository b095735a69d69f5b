import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DeltaDiscoveryRequestSchema } from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';

export type Request = Omit<MessageInitShape<typeof DeltaDiscoveryRequestSchema>, 'node' | '$typeName'>;

export type Wanted = {
  readonly subscribe: Iterable<string>;
  readonly unsubscribe: Iterable<string>;
  /** What is held of names to subscribe to. */
  readonly versions: { get(name: string): string | undefined };
};

/** An agent holds the beginnings of requests within a budget of all its clients, so no request is large. */
const mostBytes = 240 * 1024;
/** Tags and lengths around a name and its version. */
const perNameBytes = 16;

/**
 * Requests that say all this, each of at most 256 KiB with what it says of its node; none where there is nothing to say.
 * Versions of later requests count with an agent that reads them there; another one sends the resources again.
 */
export function requestsOf(typeUrl: string, { subscribe, unsubscribe, versions }: Wanted): readonly Request[] {
  const requests: Request[] = [];
  let names: string[] = [];
  let dropped: string[] = [];
  let held: Record<string, string> = {};
  let bytes = 0;

  const add = (cost: number): void => {
    if (bytes + cost > mostBytes) finish();
    bytes += cost;
  };
  const finish = (): void => {
    if (bytes === 0) return;
    requests.push({
      typeUrl,
      resourceNamesSubscribe: names,
      resourceNamesUnsubscribe: dropped,
      initialResourceVersions: held,
    });
    [names, dropped, held, bytes] = [[], [], {}, 0];
  };

  for (const name of subscribe) {
    const version = versions.get(name);
    add(name.length + perNameBytes + (version === undefined ? 0 : name.length + version.length));
    names.push(name);
    if (version !== undefined) held[name] = version;
  }
  for (const name of unsubscribe) {
    add(name.length + perNameBytes);
    dropped.push(name);
  }
  finish();
  return requests;
}
