import { create } from '@bufbuild/protobuf';
import { type ServerDuplexStream, type ServiceError, Metadata, status } from '@grpc/grpc-js';
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import type { Logger } from '../../runtime/log.ts';
import { type Identity, peerAddress } from './identity.ts';
import { createSession, receive, refresh, type SessionLimits, type SessionResponse, takeResponses } from './session.ts';
import type { Snapshot } from './snapshot.ts';

export type Call = ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;

/** What every stream is served from; replaced as a whole. */
export type Published = { readonly snapshot: Snapshot; readonly identities: ReadonlyMap<string, Identity> };

const limits: SessionLimits = { names: 20_000, nameLength: 512, types: 8 };

/** One sidecar's stream. At most one response per type is under way, and none while the peer does not read. */
export class DiscoveryStream {
  readonly #call: Call;
  readonly #log: Logger;
  readonly #peer: string;
  readonly #session = createSession();
  #published: Published | undefined;
  #namespace: string | undefined;
  #saidUnknown = false;
  #ended = false;

  constructor(call: Call, log: Logger, onEnd: () => void) {
    this.#call = call;
    this.#peer = peerAddress(call.getPeer());
    this.#log = log.child({ peer: this.#peer });
    call.on('data', (request: DeltaDiscoveryRequest) => this.#receive(request));
    call.on('drain', () => this.#send());
    call.on('end', () => this.end(status.OK, ''));
    call.on('error', (error: Error) => this.#log.debug({ error: error.message }, 'Stream failed'));
    call.on('cancelled', () => (this.#ended = true));
    call.on('close', onEnd);
    this.#log.debug('Stream opened');
  }

  /** Sends what is new to this stream, now or when the peer is ready for it; a later snapshot replaces an unsent one. */
  publish(published: Published): void {
    this.#published = published;
    this.#namespace = this.#identify(published)?.namespace;
    refresh(this.#session);
    this.#send();
  }

  /** Ends the stream with a status of gRPC. */
  end(code: status, details: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (code === status.OK) this.#call.end();
    else this.#call.emit('error', failure(code, details));
  }

  #receive(request: DeltaDiscoveryRequest): void {
    if (this.#ended) return;
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
    if (published === undefined || this.#ended || this.#call.writableNeedDrain) return;
    const { snapshot } = published;
    const lookup = (typeUrl: string, name: string) => snapshot.lookup(typeUrl, name, this.#namespace);
    for (const response of takeResponses(this.#session, { complete: snapshot.complete, lookup })) {
      this.#call.write(toMessage(response, snapshot.revision));
    }
  }

  #identify({ identities }: Published): Identity | undefined {
    const identity = identities.get(this.#peer);
    if (identity === undefined && !this.#saidUnknown) {
      this.#saidUnknown = true;
      this.#log.warn(
        { reason: `no Pod has the address ${this.#peer}; add the Pod with status.podIP: ${this.#peer}` },
        'No Pod has the address of this sidecar: it gets no consumer routes',
      );
    }
    return identity;
  }
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

function failure(code: status, details: string): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}
