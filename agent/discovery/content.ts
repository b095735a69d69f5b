import type { Endpoints, ServiceRouting } from '../../routing/model.ts';
import { createEncoder, type Encoded, type Encoder } from '../../routing/wire/encode.ts';
import { shortHash } from './setHash.ts';

/** What a resource says; its version is a hash of its bytes, so that two agents give one version to one content. */
export type Content = {
  readonly version: string;
  readonly value: Uint8Array;
  /** It says nothing but that the resource cannot be read: a sidecar that has an earlier version keeps that one. */
  readonly isRefusal?: true;
  /** What it is for a sidecar that lacks these capabilities. Left out where every sidecar can read it. */
  readonly without?: (missing: ReadonlySet<string>) => Content;
};

/** The content of resources. Each is encoded once more for each set of capabilities that somebody lacks of those it needs. */
export type Contents = {
  serviceRouting(routing: ServiceRouting): Content;
  endpoints(endpoints: Endpoints): Content;
};

/** Keeps nothing: whoever has a content keeps it. */
export function createContents(encoder: Encoder = createEncoder()): Contents {
  return {
    serviceRouting: (routing) => contentOf(encoder.serviceRouting(routing)),
    endpoints: (endpoints) => contentOf(encoder.endpoints(endpoints)),
  };
}

function contentOf(encoded: Encoded): Content {
  const { value, needs } = encoded;
  const content: Content = { value, version: shortHash(value) };
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
      const made = olderContent(encoded, new Set(lacked));
      older.set(key, made);
      return made;
    },
  };
  return whole;
}

function olderContent(encoded: Encoded, missing: ReadonlySet<string>): Content {
  const { value, isRefusal } = encoded.without(missing);
  return { value, version: shortHash(value), ...(isRefusal && { isRefusal }) };
}
