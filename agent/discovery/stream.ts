import { create } from '@bufbuild/protobuf';
import { type ServerDuplexStream, type ServiceError, Metadata, status } from '@grpc/grpc-js';
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import type { Logger } from '../../runtime/log.ts';
import { type Identified, type Identify, type Identity, type Pods, peerAddress } from './identity.ts';
import { type Reader, readerOf } from './reader.ts';
import type { Client, Resources } from './resources.ts';
import {
  createSession,
  receive,
  refresh,
  refreshNames,
  type SessionLimits,
  type SessionResponse,
  takeResponses,
} from './session.ts';

export type Call = ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;

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
  /** The stream is ended when it is so old, so that sidecars come back to their own node's agent and prove anew who they are. */
  readonly maximumAgeMs: number;
  /** What a sidecar may lack. */
  readonly capabilities: readonly string[];
  readonly onClose: () => void;
};

const limits: SessionLimits = { names: 20_000, nameLength: 512, types: 8 };

/**
 * One sidecar's stream. Nothing is read from it before it is known who opened it; what it sends until then waits in its
 * HTTP/2 window. At most one response per type is under way, and none while the peer does not read.
 */
export class DiscoveryStream {
  readonly #call: Call;
  readonly #log: Logger;
  readonly #capabilities: readonly string[];
  readonly #session = createSession();
  #reader: Reader | undefined;
  #published: Published | undefined;
  #identified: Extract<Identified, { ok: true }> | undefined;
  #client: Client | undefined;
  #answered = false;
  #ended = false;

  constructor(call: Call, { log, identify, maximumAgeMs, capabilities, onClose }: StreamOptions) {
    this.#call = call;
    this.#capabilities = capabilities;
    const peer = peerAddress(call.getPeer());
    this.#log = log.child({ peer });
    const age = setTimeout(() => this.end(status.OK, ''), maximumAgeMs);
    call.on('drain', () => this.#send());
    call.on('error', (error: Error) => this.#log.debug({ error: error.message }, 'Stream failed'));
    call.on('cancelled', () => (this.#ended = true));
    call.on('close', () => {
      clearTimeout(age);
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
    const client = clientOf(this.#identified.identityAmong(published.identities), published);
    // Consumer routes are those of the namespace, and what endpoints it may use depends on where it runs.
    if (news === undefined || !isSameClient(client, this.#client)) refresh(this.#session);
    else refreshNames(this.#session, news);
    this.#client = client;
    this.#send();
  }

  /** The capabilities that the sidecar does not have; none before it said which it has. */
  get lacks(): Iterable<string> {
    return this.#reader?.lacks ?? [];
  }

  /** Ends the stream with a status of gRPC; OK asks the sidecar to come again. */
  end(code: status, details: string): void {
    if (this.#ended) return;
    this.#ended = true;
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
    this.#call.on('data', (request: DeltaDiscoveryRequest) => this.#receive(request));
    this.#call.on('end', () => this.end(status.OK, ''));
  }

  #receive(request: DeltaDiscoveryRequest): void {
    if (this.#ended) return;
    this.#reader ??= readerOf(request.node, this.#capabilities, this.#log);
    const received = receive(this.#session, request, limits);
    if (received.type === 'excess') {
      this.#log.warn({ reason: received.message }, 'Stream ended: it asks for too much');
      this.end(status.RESOURCE_EXHAUSTED, received.message);
      return;
    }
    if (received.type === 'rejected') {
      const { resources, message } = received;
      const fields = { type: request.typeUrl, resources, reason: message };
      this.#log.warn(fields, 'Sidecar rejected resources; it keeps their last good version');
    }
    this.#send();
  }

  #send(): void {
    const published = this.#published;
    const reader = this.#reader;
    if (published === undefined || reader === undefined) return;
    if (!this.#answered || this.#ended || this.#call.writableNeedDrain) return;
    const { resources } = published;
    const view = {
      complete: resources.complete,
      lookup: (typeUrl: string, name: string) => reader.formOf(resources.lookup(typeUrl, name, this.#client)),
      onKept: reader.onKept,
    };
    for (const response of takeResponses(this.#session, view)) {
      this.#call.write(toMessage(response, resources.revision));
    }
  }
}

function clientOf(identity: Identity | undefined, { zones }: Published): Client | undefined {
  if (identity === undefined) return undefined;
  const { namespace, node } = identity;
  return { namespace, node, zone: node === undefined ? undefined : zones.get(node) };
}

function isSameClient(one: Client | undefined, other: Client | undefined): boolean {
  return one?.namespace === other?.namespace && one?.node === other?.node && one?.zone === other?.zone;
}

function toMessage({ typeUrl, nonce, resources, removed }: SessionResponse, revision: string): DeltaDiscoveryResponse {
  return create(DeltaDiscoveryResponseSchema, {
    systemVersionInfo: revision,
    typeUrl,
    nonce,
    resources: resources.map(({ name, version, value }) => ({ name, version, resource: { typeUrl, value } })),
    removedResources: [...removed],
  });
}

/** What ends a call with a status when it is emitted as its error. */
export function failure(code: status, details: string): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}
