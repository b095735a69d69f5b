import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Client, type ClientDuplexStream, connectivityState, type ServiceError } from '@grpc/grpc-js';
import { waitForSilence } from '../socket/patience.ts';
import { capabilityNames } from '../../routing/wire/capabilities.ts';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
} from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { deltaAggregatedResources } from '../../routing/wire/delta.ts';
import type { Logger } from '../../runtime/log.ts';
import { type AgentAuthentication, openChannel } from './agentChannel.ts';
import { type Loss, lossOf } from './loss.ts';
import { Presence } from './presence.ts';
import type { ResourceType } from './resourceType.ts';

export type SubscriberOptions = {
  /** `host:port` of the agent. */
  readonly address: string;
  /** Plain text and no token when left out. */
  readonly authentication?: AgentAuthentication | undefined;
  /** Diagnostic only. */
  readonly nodeId: string;
  readonly types: readonly ResourceType[];
  readonly log: Logger;
  /** How long an agent is waited for at the start; 0: not at all. */
  readonly startWaitMs: number;
};

type Stream = ClientDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;

const firstBackoffMs = 50;
const maxBackoffMs = 5000;
/** Until there is a connection, its TLS included. */
const connectWaitMs = 10_000;
/** Files that are not there yet, as a ConfigMap that is just being made, are looked for at this pace. */
const fileWaitMs = 1000;
/** Sidecars whose agent ends in good order come to the next one within this time, not all at once. */
const spreadMs = 500;
/** A stream that was served so long was a good one. */
const goodAfterMs = 10_000;
/** The agent logs no more than the beginning. */
const mostReasonLength = 16_384;

/**
 * Keeps one delta xDS stream to the agent: subscribes to what its resource types want, hands them what comes, ACKs, or
 * NACKs the bad ones alone. A lost agent is dialled again with back-off; what was received stays.
 */
export class Subscriber {
  private readonly presence: Presence;
  private client: Client | undefined;
  private stream: Stream | undefined;
  /** When the agent accepted this stream. */
  private acceptedMs: number | undefined;
  private backoffMs = firstBackoffMs;
  private timer: NodeJS.Timeout | undefined;
  private stopConnectWait: (() => void) | undefined;
  private stopStartWait: (() => void) | undefined;
  private flushing = false;
  private stopped = false;
  /** What the log says last of the agent's absence. */
  private complaint: Loss['kind'] | undefined;
  private readonly options: SubscriberOptions;

  constructor(options: SubscriberOptions) {
    this.options = options;
    this.presence = new Presence(options.startWaitMs);
    for (const type of options.types) type.onChange = () => this.flushSoon();
    this.stopStartWait = waitForSilence(options.startWaitMs, () => this.onStartWaitOver());
  }

  /** The agent answers. */
  get connected(): boolean {
    return this.presence.connected;
  }

  /** Whether a connection to a new destination should wait for the agent's word. */
  get mayAnswer(): boolean {
    return this.presence.mayAnswer;
  }

  get readiness(): { ready: true } | { ready: false; message: string } {
    if (this.presence.ready) return { ready: true };
    return { ready: false, message: `waiting for the agent at ${this.options.address}` };
  }

  start(): void {
    if (this.stopped) return;
    const opened = openChannel(this.options.address, this.options.authentication);
    if (!opened.ok) {
      this.onLost(undefined, { kind: 'unready', reason: opened.message, advice: 'it is looked for every second' });
      return;
    }
    const { client, metadata } = opened;
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    this.client = client;
    this.stream = stream;
    this.acceptedMs = undefined;
    this.stopConnectWait = waitForSilence(connectWaitMs, () => this.onConnectWaitOver(stream));
    stream.on('metadata', () => this.onAccepted(stream));
    stream.on('data', (response: DeltaDiscoveryResponse) => {
      if (this.stream === stream) this.receive(response);
    });
    stream.on('error', (error: ServiceError) => this.onLost(stream, lossOf(error)));
    stream.on('end', () => this.onLost(stream, { kind: 'ended', reason: 'the agent ended the stream' }));
    for (const type of this.options.types) for (const request of type.resume()) this.send(request);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.stopStartWait?.();
    this.hangUp();
  }

  private onAccepted(stream: Stream): void {
    if (this.stream !== stream || this.stopped) return;
    this.acceptedMs = performance.now();
    this.stopStartWait?.();
    if (!this.presence.connected) this.options.log.info({ agent: this.options.address }, 'Agent connected');
    this.presence.onConnected();
    this.complaint = undefined;
  }

  private onLost(stream: Stream | undefined, loss: Loss): void {
    if (this.stream !== stream || this.stopped) return;
    const servedMs = this.acceptedMs === undefined ? 0 : performance.now() - this.acceptedMs;
    const inGoodOrder = loss.kind === 'ended' && this.acceptedMs !== undefined;
    this.hangUp();
    // An agent that goes in good order is not missed before the next one cannot be had.
    if (!inGoodOrder) {
      this.complain(loss);
      this.presence.onLost();
    }
    if (servedMs >= goodAfterMs) this.backoffMs = firstBackoffMs;
    const backoffMs = this.backoffMs * (0.5 + Math.random() / 2);
    this.backoffMs = Math.min(maxBackoffMs, this.backoffMs * 2);
    const delayMs = inGoodOrder ? Math.max(backoffMs, Math.random() * spreadMs) : backoffMs;
    this.timer = setTimeout(() => this.start(), loss.kind === 'unready' ? fileWaitMs : delayMs);
  }

  private complain({ kind, reason, advice }: Loss): void {
    if (!this.presence.connected && kind === this.complaint) return;
    this.complaint = kind;
    const { address: agent, log } = this.options;
    log.warn(
      { agent, reason, ...(advice === undefined ? {} : { advice }) },
      'Agent lost: the last good configuration stays, unknown destinations pass through',
    );
  }

  private onStartWaitOver(): void {
    if (this.presence.connected) return;
    const { address: agent, startWaitMs, log } = this.options;
    log.warn({ agent, startWaitMs }, 'No agent answers: traffic passes through and no route applies until one does');
  }

  /** A connection that neither comes about nor fails. */
  private onConnectWaitOver(stream: Stream): void {
    if (this.acceptedMs !== undefined) return;
    if (this.client?.getChannel().getConnectivityState(false) === connectivityState.READY) return;
    this.onLost(stream, { kind: 'unreachable', reason: `no connection within ${connectWaitMs} ms` });
  }

  private hangUp(): void {
    this.stopConnectWait?.();
    const { stream, client } = this;
    this.stream = undefined;
    this.client = undefined;
    stream?.cancel();
    client?.close();
  }

  private receive(response: DeltaDiscoveryResponse): void {
    this.backoffMs = firstBackoffMs;
    const type = this.options.types.find((known) => known.typeUrl === response.typeUrl);
    const problems = type === undefined ? ['this resource type is not known here'] : type.receive(response);
    const message = problems.join('; ').slice(0, mostReasonLength);
    if (message !== '') {
      this.options.log.warn(
        { type: response.typeUrl, reason: message },
        'Configuration rejected: the last good one stays',
      );
    }
    this.send({
      typeUrl: response.typeUrl,
      responseNonce: response.nonce,
      ...(message === '' ? {} : { errorDetail: { code: 3, message } }),
    });
  }

  /** Subscriptions of one turn of the event loop go out together. */
  private flushSoon(): void {
    if (this.flushing) return;
    this.flushing = true;
    queueMicrotask(() => {
      this.flushing = false;
      if (this.stream === undefined) return;
      for (const type of this.options.types) for (const request of type.changes()) this.send(request);
    });
  }

  private send(request: Omit<MessageInitShape<typeof DeltaDiscoveryRequestSchema>, 'node' | '$typeName'>): void {
    const node = { id: this.options.nodeId, userAgentName: 'heddle-sidecar', clientFeatures: [...capabilityNames] };
    this.stream?.write(create(DeltaDiscoveryRequestSchema, { ...request, node }));
  }
}
