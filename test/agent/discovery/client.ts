import { once } from 'node:events';
import { type MessageInitShape, create } from '@bufbuild/protobuf';
import {
  Client,
  type ClientDuplexStream,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { deltaAggregatedResources } from '../../../routing/wire/delta.ts';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
} from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';

type Stream = ClientDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;

export type ClientOptions = {
  /** PEM of the CA: then TLS, with the name `heddle-agent.heddle-system.svc`. */
  readonly ca?: string;
  readonly authorization?: string;
  /** By gzip, as no sidecar does. */
  readonly compressed?: boolean;
};

/** A sidecar as the agent sees it: one stream, with what it received so far. */
export class TestClient {
  readonly #client: Client;
  readonly stream: Stream;
  readonly ended: Promise<ServiceError | undefined>;
  readonly #received: DeltaDiscoveryResponse[] = [];
  #wake: (() => void) | undefined;

  constructor(
    address: string,
    serialize: (request: DeltaDiscoveryRequest) => Buffer = deltaAggregatedResources.requestSerialize,
    { ca, authorization, compressed }: ClientOptions = {},
  ) {
    const security = ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca));
    this.#client = new Client(address, security, {
      'grpc.use_local_subchannel_pool': 1,
      ...(compressed === true && { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip }),
      ...(ca === undefined ? {} : { 'grpc.ssl_target_name_override': 'heddle-agent.heddle-system.svc' }),
    });
    const metadata = new Metadata();
    if (authorization !== undefined) metadata.set('authorization', authorization);
    const { path, responseDeserialize } = deltaAggregatedResources;
    this.stream = this.#client.makeBidiStreamRequest(path, serialize, responseDeserialize, metadata);
    this.stream.on('data', (response: DeltaDiscoveryResponse) => {
      this.#received.push(response);
      this.#wake?.();
    });
    this.ended = new Promise((resolve) => {
      this.stream.on('error', (error: ServiceError) => resolve(error));
      this.stream.on('end', () => resolve(undefined));
    });
  }

  send(request: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void {
    this.stream.write(create(DeltaDiscoveryRequestSchema, request));
  }

  /** The next response; rejects when none comes within a minute. */
  async next(): Promise<DeltaDiscoveryResponse> {
    if (this.#received.length === 0) {
      const timeout = AbortSignal.timeout(60_000);
      await Promise.race([
        new Promise<void>((resolve) => (this.#wake = resolve)),
        once(timeout, 'abort').then(() => Promise.reject(new Error('no response within a minute'))),
      ]);
    }
    const response = this.#received.shift();
    if (response === undefined) throw new Error('woken without a response');
    return response;
  }

  /** Acknowledges a response. */
  ack({ typeUrl, nonce }: DeltaDiscoveryResponse): void {
    this.send({ typeUrl, responseNonce: nonce });
  }

  /** The next response, acknowledged. */
  async take(): Promise<DeltaDiscoveryResponse> {
    const response = await this.next();
    this.ack(response);
    return response;
  }

  /** Resolves when the server has been quiet for so long; fails the caller's expectation otherwise. */
  async isQuiet(ms: number): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#received.length === 0;
  }

  close(): void {
    this.stream.cancel();
    this.#client.close();
  }
}
