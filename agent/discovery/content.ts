import type { Inbound, Peer, ServiceRouting } from '../../routing/model.ts';
import { createEncoder, type Encoded, type Encoder } from '../../routing/wire/encode.ts';
import type { ServiceEndpoints } from '../translate/result.ts';
import { dependsOnPlace, type Place, usableFrom } from '../translate/usable.ts';
import { type NamedRoute, routesPassedBy } from './passedBy.ts';
import { formVersion, routingVersion, versionOf } from './version.ts';

/** What a resource says; its version is a hash of that, so that two agents give one version to one content. */
export type Content = {
  readonly version: string;
  /** Its bytes, encoded when they are first asked for: of most resources no sidecar of a node ever asks. */
  readonly value: () => Uint8Array;
  /** It says nothing but that the resource cannot be read: a sidecar that has an earlier version keeps that one. */
  readonly isRefusal?: true;
  /** What it is for a sidecar that lacks these capabilities. */
  readonly without: (missing: ReadonlySet<string>) => Content;
  /** Of a routing: the routes that a sidecar which lacks these capabilities passes by. */
  readonly passedBy?: (lacks: ReadonlySet<string>) => readonly NamedRoute[];
};

/** What a resource says that says something else to clients at other places; its version is that of all it says. */
export type PlacedContent = { readonly version: string; readonly from: (place: Place) => Content };

/** The content of resources. Each is encoded once more for each set of capabilities that somebody lacks of those it needs. */
export type Contents = {
  serviceRouting(routing: ServiceRouting): Content;
  endpoints(endpoints: ServiceEndpoints): Content | PlacedContent;
  inbound(inbound: Inbound): Content;
  peer(peer: Peer): Content;
};

/** Keeps nothing: whoever has a content keeps it. */
export function createContents(encoder: Encoder = createEncoder()): Contents {
  return {
    serviceRouting: (routing) =>
      new LazyContent(routingVersion(routing), () => encoder.serviceRouting(routing), routing),
    inbound: (inbound) => new LazyContent(versionOf(inbound), () => encoder.inbound(inbound)),
    peer: (peer) => new LazyContent(versionOf(peer), () => encoder.peer(peer)),
    endpoints(endpoints) {
      const from = (place: Place): Content => {
        // Made once more when it is asked for: what this would hold is most of what an agent knows.
        const encode = (): Encoded => encoder.endpoints(usableFrom(endpoints, place));
        return new LazyContent(versionOf(usableFrom(endpoints, place)), encode);
      };
      return dependsOnPlace(endpoints) ? placedContent(endpoints, from) : from({});
    },
  };
}

/** Made once for each place from which somebody asks: those of one node, as a rule. */
function placedContent(endpoints: ServiceEndpoints, makeFrom: (place: Place) => Content): PlacedContent {
  const byPlace = new Map<string, Content>();
  return {
    version: versionOf(endpoints),
    from(place) {
      const key = JSON.stringify([place.node, place.zone]);
      const content = byPlace.get(key) ?? makeFrom(place);
      byPlace.set(key, content);
      return content;
    },
  };
}

class LazyContent implements Content {
  readonly version: string;
  readonly #encode: () => Encoded;
  readonly #routing: ServiceRouting | undefined;
  #encoded: Encoded | undefined;
  #older: Map<string, Content> | undefined;

  constructor(version: string, encode: () => Encoded, routing?: ServiceRouting) {
    this.version = version;
    this.#encode = encode;
    this.#routing = routing;
  }

  value(): Uint8Array {
    return this.#whole.value;
  }

  without(missing: ReadonlySet<string>): Content {
    const lacked = this.#whole.needs.filter((need) => missing.has(need));
    if (lacked.length === 0) return this;
    const key = lacked.join();
    this.#older ??= new Map();
    const known = this.#older.get(key);
    if (known !== undefined) return known;
    const { value, isRefusal } = this.#whole.without(new Set(lacked));
    const made: Content = {
      version: formVersion(value, this.#routing?.service),
      value: () => value,
      ...(isRefusal && { isRefusal }),
      without: () => made,
    };
    this.#older.set(key, made);
    return made;
  }

  passedBy(lacks: ReadonlySet<string>): readonly NamedRoute[] {
    return this.#routing === undefined ? [] : routesPassedBy(this.#routing, lacks);
  }

  get #whole(): Encoded {
    return (this.#encoded ??= this.#encode());
  }
}
