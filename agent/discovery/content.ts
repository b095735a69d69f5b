import type { Inbound, ServiceRouting } from '../../routing/model.ts';
import { createEncoder, type Encoded, type Encoder } from '../../routing/wire/encode.ts';
import type { ServiceEndpoints } from '../translate/result.ts';
import { dependsOnPlace, type Place, usableFrom } from '../translate/usable.ts';
import { shortHash } from './setHash.ts';
import { versionOf } from './version.ts';

/** What a resource says; its version is a hash of its bytes, so that two agents give one version to one content. */
export type Content = {
  readonly version: string;
  readonly value: Uint8Array;
  /** It says nothing but that the resource cannot be read: a sidecar that has an earlier version keeps that one. */
  readonly isRefusal?: true;
  /** What it is for a sidecar that lacks these capabilities. Left out where every sidecar can read it. */
  readonly without?: (missing: ReadonlySet<string>) => Content;
};

/** What a resource says that says something else to clients at other places; its version is that of all it says. */
export type PlacedContent = { readonly version: string; readonly from: (place: Place) => Content };

/** The content of resources. Each is encoded once more for each set of capabilities that somebody lacks of those it needs. */
export type Contents = {
  serviceRouting(routing: ServiceRouting): Content;
  endpoints(endpoints: ServiceEndpoints): Content | PlacedContent;
  inbound(inbound: Inbound): Content;
};

/** Keeps nothing: whoever has a content keeps it. */
export function createContents(encoder: Encoder = createEncoder()): Contents {
  return {
    serviceRouting: (routing) =>
      contentOf(encoder.serviceRouting(routing), (bytes) => versionOf(bytes, routing.service)),
    inbound: (inbound) => contentOf(encoder.inbound(inbound)),
    endpoints(endpoints) {
      const from = (place: Place): Content => contentOf(encoder.endpoints(usableFrom(endpoints, place)));
      return dependsOnPlace(endpoints) ? placedContent(endpoints, from) : from({});
    },
  };
}

/** Encoded once for each place from which somebody asks: those of one node, as a rule. */
function placedContent(endpoints: ServiceEndpoints, encodeFrom: (place: Place) => Content): PlacedContent {
  const byPlace = new Map<string, Content>();
  return {
    version: shortHash(JSON.stringify(endpoints)),
    from(place) {
      const key = JSON.stringify([place.node, place.zone]);
      const content = byPlace.get(key) ?? encodeFrom(place);
      byPlace.set(key, content);
      return content;
    },
  };
}

function contentOf(encoded: Encoded, version: (bytes: Uint8Array) => string = shortHash): Content {
  const { value, needs } = encoded;
  const content: Content = { value, version: version(value) };
  if (needs.length === 0) return content;
  const older = new Map<string, Content>();
  const whole: Content = {
    ...content,
    without(missing) {
      const lacked = needs.filter((need) => missing.has(need));
      if (lacked.length === 0) return whole;
      const key = lacked.join();
      const known = older.get(key);
      if (known !== undefined) return known;
      const { value: bytes, isRefusal } = encoded.without(new Set(lacked));
      const made: Content = { value: bytes, version: version(bytes), ...(isRefusal && { isRefusal }) };
      older.set(key, made);
      return made;
    },
  };
  return whole;
}
