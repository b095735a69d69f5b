import type { Decoded } from '../../routing/wire/decode.ts';
import type { DeltaDiscoveryResponse } from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { type Request, requestsOf } from './requests.ts';

/** What to do with resources of one type. `apply` returns what is wrong with one, if anything. */
export type Handler<T> = {
  readonly typeUrl: string;
  decode(bytes: Uint8Array): Decoded<T>;
  apply(name: string, value: T, version: string): string | undefined;
  remove(name: string): void;
  /** Told of each that was wrong. */
  reject?(name: string): void;
};

/** The client's half of delta xDS for one resource type: what is wanted, and which versions are held. */
export interface ResourceType {
  readonly typeUrl: string;
  onChange: () => void;
  want(name: string): void;
  drop(name: string): void;
  /** The first requests of a new stream; none while nothing is wanted: an empty one would mean everything. */
  resume(): readonly Request[];
  /** What has changed since the last request. */
  changes(): readonly Request[];
  /** Applies the good resources of a response; returns what is wrong with the others. */
  receive(response: DeltaDiscoveryResponse): string[];
}

export function createResourceType<T>(handler: Handler<T>): ResourceType {
  const { typeUrl } = handler;
  const wanted = new Set<string>();
  const versions = new Map<string, string>();
  const subscribe = new Set<string>();
  const unsubscribe = new Set<string>();

  /** Nothing that the agent sends may end this process, so a defect in applying it is a problem like any other. */
  function take(name: string, bytes: Uint8Array, version: string): string | undefined {
    try {
      const decoded = handler.decode(bytes);
      return decoded.ok ? handler.apply(name, decoded.value, version) : decoded.message;
    } catch (error) {
      return reasonOf(error);
    }
  }

  return {
    typeUrl,
    onChange: () => undefined,
    want(name) {
      wanted.add(name);
      unsubscribe.delete(name);
      // Also when the agent has it subscribed still: only a new subscription makes it send the resource again.
      subscribe.add(name);
      this.onChange();
    },
    drop(name) {
      wanted.delete(name);
      versions.delete(name);
      subscribe.delete(name);
      unsubscribe.add(name);
      this.onChange();
    },
    resume() {
      subscribe.clear();
      unsubscribe.clear();
      return requestsOf(typeUrl, { subscribe: wanted, unsubscribe, versions });
    },
    changes() {
      const requests = requestsOf(typeUrl, { subscribe, unsubscribe, versions: new Map() });
      subscribe.clear();
      unsubscribe.clear();
      return requests;
    },
    receive(response) {
      const problems: string[] = [];
      for (const { name, version, resource } of response.resources) {
        if (!wanted.has(name)) continue;
        const problem = resource?.typeUrl === typeUrl ? take(name, resource.value, version) : `is no ${typeUrl}`;
        if (problem === undefined) versions.set(name, version);
        else {
          problems.push(`${name}: ${problem}`);
          handler.reject?.(name);
        }
      }
      const sent = new Set(response.resources.map(({ name }) => name));
      for (const name of response.removedResources) {
        // Gone and there at once is neither: what came counts, or what was good before it.
        if (sent.has(name)) {
          problems.push(`${name}: is sent and removed at once`);
          continue;
        }
        versions.delete(name);
        if (wanted.has(name)) handler.remove(name);
      }
      return problems;
    },
  };
}
