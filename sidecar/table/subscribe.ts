import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
} from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { deltaAggregatedResources } from '../../routing/wire/delta.ts';
import type { Logger } from '../../runtime/log.ts';
import type { ResourceType } from './resourceType.ts';

export type SubscriberOptions = {
  /** `host:port` of the agent. */
  readonly address: string;
  /** Diagnostic only. */
  readonly nodeId: string;
  readonly types: readonly ResourceType[];
  readonly log: Logger;
};

const firstBackoffMs = 50;
const maxBackoffMs = 5000;
const connectWaitMs = 20_000;

/**
 * Keeps one delta xDS stream to the agent: subscribes to what its resource types want, hands them what comes, ACKs, or
 * NACKs the bad ones alone. A lost agent is dialled again with back-off; what was received stays.
 */
export class Subscriber {
  /** The agent answers. */
  connected = false;
  private readonly client: Client;
  private stream: ClientDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> | undefined;
  private backoffMs = firstBackoffMs;
  private timer: NodeJS.Timeout | undefined;
  private flushing = false;
  private stopped = false;
  private complained = false;
  private answered = false;
  private readonly startedMs = performance.now();
  private readonly options: SubscriberOptions;

  constructor(options: SubscriberOptions) {
    this.options = options;
    this.client = new Client(options.address, credentials.createInsecure(), {
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5000,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.max_receive_message_length': 64 * 1024 * 1024,
      'grpc.initial_reconnect_backoff_ms': firstBackoffMs,
      'grpc.min_reconnect_backoff_ms': firstBackoffMs,
      'grpc.max_reconnect_backoff_ms': maxBackoffMs,
      'grpc.enable_retries': 0,
    });
    for (const type of options.types) type.onChange = () => this.flushSoon();
  }

  /** Whether it is worth waiting for the agent: it is there, or the start is less than `startWaitMs` ago. */
  mayAnswer(startWaitMs: number): boolean {
    return this.connected || performance.now() - this.startedMs < startWaitMs;
  }

  /** Ready once the agent has answered, or after a bounded wait: then traffic passes through until it does. */
  readiness(startWaitMs: number): { ready: true } | { ready: false; message: string } {
    this.answered ||= this.connected;
    if (this.answered || performance.now() - this.startedMs >= startWaitMs) return { ready: true };
    return { ready: false, message: `waiting for the agent at ${this.options.address}` };
  }

  start(): void {
    if (this.stopped) return;
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const stream = this.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.stream = stream;
    const { client } = this;
    client.waitForReady(Date.now() + connectWaitMs, (error) => {
      if (error === undefined && this.stream === stream) this.onConnected();
    });
    stream.on('data', (response: DeltaDiscoveryResponse) => {
      this.onConnected();
      this.receive(response);
    });
    stream.on('error', (error) => this.onLost(stream, error));
    stream.on('end', () => this.onLost(stream, undefined));
    for (const type of this.options.types) {
      const request = type.resume();
      if (request !== undefined) this.send(request);
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.stream?.cancel();
    this.client.close();
  }

  private onConnected(): void {
    if (this.connected) return;
    this.connected = true;
    this.complained = false;
    this.options.log.info({ agent: this.options.address }, 'Agent connected');
  }

  private onLost(stream: typeof this.stream, error: Error | undefined): void {
    if (this.stream !== stream || this.stopped) return;
    this.stream = undefined;
    if (this.connected || !this.complained) {
      const { address: agent, log } = this.options;
      const reason = error?.message ?? 'the agent ended the stream';
      log.warn({ agent, reason }, 'Agent lost: the last good configuration stays, unknown destinations pass through');
    }
    this.connected = false;
    this.complained = true;
    const delayMs = this.backoffMs * (0.5 + Math.random() / 2);
    this.backoffMs = Math.min(maxBackoffMs, this.backoffMs * 2);
    this.timer = setTimeout(() => this.start(), delayMs);
  }

  private receive(response: DeltaDiscoveryResponse): void {
    this.backoffMs = firstBackoffMs;
    const type = this.options.types.find((known) => known.typeUrl === response.typeUrl);
    const problems = type === undefined ? ['this resource type is not known here'] : type.receive(response);
    const message = problems.join('; ');
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
      for (const type of this.options.types) {
        const request = type.changes();
        if (request !== undefined) this.send(request);
      }
    });
  }

  private send(request: Omit<MessageInitShape<typeof DeltaDiscoveryRequestSchema>, 'node' | '$typeName'>): void {
    const node = { id: this.options.nodeId, userAgentName: 'heddle-sidecar' };
    this.stream?.write(create(DeltaDiscoveryRequestSchema, { ...request, node }));
  }
}
