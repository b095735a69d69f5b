import { type Inbound, inboundName, type Peer, type ServiceRouting } from '../../routing/model.ts';
import { endpointsTypeUrl, inboundTypeUrl, peerTypeUrl, serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import type { PodPlace } from '../translate/inbound.ts';
import type { DestinationRouting, TranslationChanges } from '../translate/result.ts';
import { type Content, type Contents, createContents, type PlacedContent } from './content.ts';
import { SetHash, shortHash } from './setHash.ts';

/** One resource. */
export type Resource = { readonly name: string; readonly content: Content };

/** What decides on which resources a client sees. */
export type Client = PodPlace & {
  readonly node?: string | undefined;
  readonly zone?: string | undefined;
};

/** What is found when it is asked for. What is declared of a pod counts in the revision by the routings; whose an address is, not. */
export type MadeWhenAsked = {
  readonly inboundOf: (pod: PodPlace) => Inbound;
  readonly peerOf: (address: string) => Peer | undefined;
};

const nothingMade: MadeWhenAsked = { inboundOf: () => ({ ports: [] }), peerOf: () => undefined };

/** All resources as they are; each is encoded when it is first asked for. */
export class Resources {
  readonly #producers = new Map<string, Content>();
  /** By destination and namespace: apart, so that no name that a client gives leads to those of another namespace. */
  readonly #consumers = new Map<string, Content>();
  readonly #endpoints = new Map<string, Content | PlacedContent>();
  readonly #routingHash = new SetHash();
  readonly #endpointsHash = new SetHash();
  readonly #contents: Contents;
  readonly #made: MadeWhenAsked;
  #complete = true;
  #routingRevision = '';
  #revision = '';

  constructor(contents: Contents = createContents(), made: MadeWhenAsked = nothingMade) {
    this.#contents = contents;
    this.#made = made;
  }

  /** A hash of all resources: equal revisions are equal configurations, on every agent. */
  get revision(): string {
    return this.#revision;
  }

  /** A hash of the routings alone: it stays while only endpoints come and go. */
  get routingRevision(): string {
    return this.#routingRevision;
  }

  /** False while the source knows that objects are missing: then what is absent here may still exist. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Takes what is new; returns the names that have another content now, for some client at least. */
  update(
    changes: Pick<TranslationChanges, 'routings' | 'endpoints' | 'pods' | 'peers'>,
    complete: boolean,
  ): ReadonlySet<string> {
    const news = new Set([...changes.pods, ...changes.peers]);
    // The addresses of a Service have one routing.
    const encoded = new Map<ServiceRouting, Content>();
    const encode = ({ routing }: DestinationRouting): Content => {
      const content = encoded.get(routing) ?? this.#contents.serviceRouting(routing);
      encoded.set(routing, content);
      return content;
    };
    for (const { key, before, after } of changes.routings) {
      const { destination, clientNamespace } = after ?? before ?? {};
      const contents = clientNamespace === undefined ? this.#producers : this.#consumers;
      const isNews = replace(contents, { key, content: after && encode(after), hash: this.#routingHash });
      if (isNews && destination !== undefined) news.add(destination);
    }
    for (const { key, after } of changes.endpoints) {
      const content = after && this.#contents.endpoints(after);
      if (replace(this.#endpoints, { key, content, hash: this.#endpointsHash })) news.add(key);
    }
    this.#complete = complete;
    this.#routingRevision = String(this.#routingHash);
    this.#revision = shortHash(`${this.#routingRevision}${String(this.#endpointsHash)}`);
    return news;
  }

  /** A resource as a client sees it; `undefined` for a client that nobody knows. */
  lookup(typeUrl: string, name: string, client: Client | undefined): Resource | undefined {
    const content = this.#find(typeUrl, name, client);
    return content && { name, content };
  }

  #find(typeUrl: string, name: string, client: Client | undefined): Content | undefined {
    if (typeUrl === endpointsTypeUrl) {
      const content = this.#endpoints.get(name);
      return content !== undefined && 'from' in content ? content.from(client ?? {}) : content;
    }
    if (typeUrl === inboundTypeUrl) {
      // Nobody is told of another's.
      const isOwn = client !== undefined && name === inboundName(client);
      return isOwn ? this.#contents.inbound(this.#made.inboundOf(client)) : undefined;
    }
    if (typeUrl === peerTypeUrl) {
      // A client that nobody knows has no business with pods.
      const peer = client && this.#made.peerOf(name);
      return peer && this.#contents.peer(peer);
    }
    if (typeUrl !== serviceRoutingTypeUrl) return undefined;
    const own = client && this.#consumers.get(`${name} ${client.namespace}`);
    return own ?? this.#producers.get(name);
  }
}

/** Puts a content in place of the one before, also in the hash; false when both are the same. */
function replace<C extends Pick<Content, 'version'>>(
  contents: Map<string, C>,
  { key, content, hash }: { readonly key: string; readonly content: C | undefined; readonly hash: SetHash },
): boolean {
  const before = contents.get(key);
  if (before?.version === content?.version) return false;
  if (before !== undefined) hash.remove(`${key} ${before.version}`);
  if (content === undefined) {
    contents.delete(key);
    return true;
  }
  hash.add(`${key} ${content.version}`);
  contents.set(key, content);
  return true;
}
