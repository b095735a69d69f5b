import { serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import { inboundName } from '../../routing/model.ts';
import { podKeys } from '../translate/inbound.ts';
import { type ServerDuplexStream, type ServiceError, Metadata, status } from '@grpc/grpc-js';
import type { DeltaDiscoveryRequest } from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { deltaAggregatedResources } from '../../routing/wire/delta.ts';
import type { Logger } from '../../runtime/log.ts';
import { TokenBucket } from '../../runtime/tokenBucket.ts';
import { deliveriesOf, type StreamState } from './deliveries.ts';
import { type Identified, type Identify, type Identity, type Pods, peerAddress } from './identity.ts';
import type { NamedRoute, Passing } from './passedBy.ts';
import { type Reader, readerOf } from './reader.ts';
import type { Client, Resource, Resources } from './resources.ts';
import type { ResponseEncoder } from './responses.ts';
import { createSession, receive, refresh, refreshNames, type SessionLimits, takeResponses } from './session.ts';

/** Both ways it carries bytes: a request that waits takes no more than these. */
export type Call = ServerDuplexStream<Buffer, Buffer>;

/** What every stream is served from; it changes only just before all streams are told. */
export type Published = {
  readonly resources: Resources;
  readonly identities: Pods;
  /** The zones of nodes, where they are known. */
  readonly zones: { get(node: string): string | undefined };
};

export type StreamOptions = {
  readonly log: Logger;
  readonly identify: Identify;
  /** The one of all streams. */
  readonly encoder: ResponseEncoder;
  /** A request of the client was taken. */
  readonly onTaken: () => void;
  /** Whose the stream is turned out, or is another's now. */
  readonly onIdentity: (identity: Identity) => void;
  /** Cuts the stream's connection. */
  readonly cut: () => void;
  /** Whether the log may tell once more of what an address does wrong. */
  readonly maySay: (peer: string) => boolean;
  /** The stream is ended when it is so old, so that sidecars come back to their own node's agent and prove anew who they are. */
  readonly maximumAgeMs: number;
  /** Who does not read what its stream was sent loses its connection so long after its end: what waits for it is held until then. */
  readonly lingerMs: number;
  /** What a sidecar may lack. */
  readonly capabilities: readonly string[];
  readonly onClose: () => void;
};

/** Two more types than there are: newer sidecars may ask for some that this agent does not know. */
const limits: SessionLimits = { names: 40_000, bytes: 8 * 1024 * 1024, textLength: 512, types: 6 };

/** What a stream may ask for: one for each request, and one for so many names in it. */
const rate = { perSecond: 100, burst: 600 };
const namesPerToken = 50;

/** Rejections that are told of one stream: so many at once, and one in a second. */
const toldRejections = { perSecond: 1, burst: 10 };
const shownNames = 10;
const shownReason = 1000;

/**
 * One sidecar's stream. Nothing is read from it before it is known who opened it; what it sends until then waits in its
 * HTTP/2 window. At most one response per type is under way, and none follows, whatever it acknowledges, before the last has
 * left.
 */
export class DiscoveryStream {
  /** `address:port` */
  readonly connection: string;
  readonly #call: Call;
  readonly #log: Logger;
  readonly #options: StreamOptions;
  readonly #peer: string;
  readonly #bucket = new TokenBucket(rate, performance.now());
  readonly #rejections = new TokenBucket(toldRejections, performance.now());
  readonly #session = createSession();
  #reader: Reader | undefined;
  #published: Published | undefined;
  #identified: Extract<Identified, { ok: true }> | undefined;
  #client: Client | undefined;
  #identity: Identity | undefined;
  #pause: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  #answered = false;
  /** There may be news, for when what was written has left. */
  #waits = false;
  #ended = false;

  constructor(call: Call, options: StreamOptions) {
    const { log, identify, maximumAgeMs, onClose } = options;
    this.#call = call;
    this.#options = options;
    this.connection = call.getPeer();
    const peer = peerAddress(this.connection);
    this.#peer = peer;
    this.#log = log.child({ peer });
    const age = setTimeout(() => this.end(status.OK, ''), maximumAgeMs);
    call.on('error', (error: Error) => this.#log.debug({ error: error.message }, 'Stream failed'));
    call.on('cancelled', () => (this.#ended = true));
    call.on('close', () => {
      clearTimeout(age);
      clearTimeout(this.#pause);
      clearTimeout(this.#linger);
      onClose();
    });
    this.#log.debug('Stream opened');
    const authorization = call.metadata.get('authorization')[0]?.toString();
    void this.#admit(identify({ peer, authorization, log: this.#log }));
  }

  /**
   * Sends what is new to this stream, now or when the peer is ready for it; what is newer then replaces what was not sent.
   * `news` are the names that differ from what was published before, left out where that is not known.
   */
  publish(published: Published, news?: ReadonlySet<string>): void {
    this.#published = published;
    if (this.#identified === undefined || this.#ended) return;
    // Headers first, before any news: the sidecar hears that it was accepted and that there is something to ask for.
    if (!this.#answered) this.#call.sendMetadata(new Metadata());
    this.#answered = true;
    const identity = this.#identified.identityAmong(published.identities);
    const isSameIdentity = identity?.namespace === this.#identity?.namespace && identity?.pod === this.#identity?.pod;
    if (identity !== undefined && !isSameIdentity) this.#options.onIdentity(identity);
    this.#identity = identity;
    const client = clientOf(identity, published, this.#peer);
    // Consumer routes are those of the namespace, and what endpoints it may use depends on where it runs.
    if (news === undefined || !isSameClient(client, this.#client)) refresh(this.#session);
    else refreshNames(this.#session, news);
    if (client !== undefined && podKeys(client).some((key) => news?.has(key)))
      refreshNames(this.#session, new Set([inboundName(client)]));
    this.#client = client;
    this.#send();
  }

  /** The capabilities that the sidecar does not have; none before it said which it has. */
  get lacks(): Iterable<string> {
    return this.#reader?.lacks ?? [];
  }

  /** Whose the stream is, and how far it is with each routing. */
  get state(): StreamState {
    const { namespace, pod, node } = this.#identity ?? {};
    return {
      ...(namespace !== undefined && { namespace }),
      ...(pod !== undefined && { pod }),
      ...(node !== undefined && { node }),
      lacks: [...this.lacks],
      routings: deliveriesOf(this.#session, (name) => this.#lookup(serviceRoutingTypeUrl, name)),
    };
  }

  /** Who it is, and the routes that it passes by. */
  get passing(): Passing {
    const sidecar = this.#identity ? inboundName(this.#identity) : this.#reader?.sidecar || this.#peer;
    return { sidecar, routes: this.#passedBy() };
  }

  /** Ends the stream with a status of gRPC; OK asks the sidecar to come again. */
  end(code: status, details: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#linger = setTimeout(this.#options.cut, this.#options.lingerMs).unref();
    if (code === status.OK) this.#call.end();
    else this.#call.emit('error', failure(code, details));
  }

  async #admit(pending: ReturnType<Identify>): Promise<void> {
    const identified = await pending;
    if (this.#ended) return;
    if (!identified.ok) {
      this.end(identified.code, identified.message);
      return;
    }
    this.#identified = identified;
    if (this.#published !== undefined) this.publish(this.#published);
    this.#call.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#call.on('end', () => this.end(status.OK, ''));
  }

  #take(bytes: Buffer): void {
    this.#options.onTaken();
    if (this.#ended) return;
    const request = decode(bytes);
    if (request === undefined) this.end(status.INTERNAL, 'A request is no DeltaDiscoveryRequest');
    else this.#receive(request);
  }

  #receive(request: DeltaDiscoveryRequest): void {
    this.#reader ??= readerOf(request.node, this.#options.capabilities, this.#log);
    this.#slow(request);
    const received = receive(this.#session, request, limits);
    if (received.type === 'excess') {
      if (this.#options.maySay(this.#peer))
        this.#log.warn({ reason: received.message }, 'Stream ended: it asks for too much');
      this.end(status.RESOURCE_EXHAUSTED, received.message);
      return;
    }
    if (received.type === 'rejected' && this.#rejections.tryTake(performance.now())) {
      const { resources, message } = received;
      const more = resources.length - shownNames;
      const fields = {
        type: request.typeUrl,
        resources: resources.slice(0, shownNames),
        ...(more > 0 && { more }),
        reason: message.slice(0, shownReason),
      };
      this.#log.warn(fields, 'Sidecar rejected resources; it keeps their last good version');
    }
    this.#send();
  }

  /** Reads on only after a while where more is asked than the rate allows; what is sent meanwhile waits at the sender. */
  #slow({ resourceNamesSubscribe, resourceNamesUnsubscribe }: DeltaDiscoveryRequest): void {
    const names = resourceNamesSubscribe.length + resourceNamesUnsubscribe.length;
    const waitMs = this.#bucket.take(performance.now(), 1 + names / namesPerToken);
    if (waitMs === 0) return;
    this.#call.pause();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.#call.resume(), waitMs);
  }

  /** A resource as this client can read it. */
  #lookup(typeUrl: string, name: string): Resource | undefined {
    return this.#reader?.formOf(this.#whole(typeUrl, name));
  }

  #whole(typeUrl: string, name: string): Resource | undefined {
    return this.#published?.resources.lookup(typeUrl, name, this.#client);
  }

  /** The routes that the sidecar passes by, of all routings that it asks for: it cannot do what they say. */
  *#passedBy(): Iterable<NamedRoute> {
    const { lacks } = this.#reader ?? {};
    if (lacks === undefined || lacks.size === 0) return;
    for (const name of this.#session.types.get(serviceRoutingTypeUrl)?.known.keys() ?? [])
      yield* this.#whole(serviceRoutingTypeUrl, name)?.content.passedBy?.(lacks) ?? [];
  }

  #send(): void {
    const published = this.#published;
    const reader = this.#reader;
    if (published === undefined || reader === undefined) return;
    if (!this.#answered || this.#ended) return;
    this.#waits = this.#call.writableLength > 0;
    if (this.#waits) return;
    const { resources } = published;
    const view = {
      complete: resources.complete,
      lookup: (typeUrl: string, name: string) => this.#lookup(typeUrl, name),
      onKept: reader.onKept,
    };
    for (const response of takeResponses(this.#session, view)) {
      this.#call.write(this.#options.encoder.encode(response, resources.revision), (error?: Error | null) => {
        if (this.#waits && !error) this.#send();
      });
    }
  }
}

function decode(bytes: Buffer): DeltaDiscoveryRequest | undefined {
  try {
    return deltaAggregatedResources.requestDeserialize(bytes);
  } catch {
    return undefined;
  }
}

function clientOf(identity: Identity | undefined, { zones }: Published, peer: string): Client | undefined {
  if (identity === undefined) return undefined;
  const { namespace, pod, node } = identity;
  return { namespace, pod, addresses: [peer], node, zone: node === undefined ? undefined : zones.get(node) };
}

function isSameClient(one: Client | undefined, other: Client | undefined): boolean {
  return (
    one?.namespace === other?.namespace &&
    one?.pod === other?.pod &&
    one?.node === other?.node &&
    one?.zone === other?.zone
  );
}

/** What ends a call with a status when it is emitted as its error. */
export function failure(code: status, details: string): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}
