import { randomInt } from 'node:crypto';
import { type MessageInitShape, create } from '@bufbuild/protobuf';
import { Metadata, Server, ServerCredentials, type ServerDuplexStream, type ServiceError } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { deltaAggregatedResources } from '../../../routing/wire/delta.ts';
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';

type Stream = ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;

/** An agent that says only what its test tells it to, over real gRPC. */
export type Agent = {
  readonly address: string;
  readonly requests: DeltaDiscoveryRequest[];
  readonly streams: Stream[];
  /** The `authorization` of each stream. */
  readonly tokens: (string | undefined)[];
  /** Sends on the newest stream. */
  send(response: MessageInitShape<typeof DeltaDiscoveryResponseSchema>): void;
  /** The next request that was not taken yet. */
  next(): Promise<DeltaDiscoveryRequest>;
  stop(): void;
};

/**
 * An address of loopback that nobody else uses: there an agent can be started again at its old port, which at 127.0.0.1
 * another test may have been given meanwhile.
 */
function ownHost(): string {
  return `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`;
}

/** `path` and `serialize` can be made wrong; `address`: that of an agent which was stopped. */
export async function startAgent(
  t: ExecutionContext,
  options: {
    readonly address?: string;
    readonly credentials?: ServerCredentials;
    /** Accepts no stream. */
    readonly silent?: boolean;
    /** Ends each stream with this. */
    readonly refuse?: Partial<ServiceError>;
    readonly path?: string;
    readonly serialize?: (response: DeltaDiscoveryResponse) => Buffer;
  } = {},
): Promise<Agent> {
  const server = new Server();
  const requests: DeltaDiscoveryRequest[] = [];
  const streams: Stream[] = [];
  const tokens: (string | undefined)[] = [];
  let taken = 0;
  const method = {
    ...deltaAggregatedResources,
    path: options.path ?? deltaAggregatedResources.path,
    responseSerialize: options.serialize ?? deltaAggregatedResources.responseSerialize,
  };
  const serve = (stream: Stream): void => {
    streams.push(stream);
    tokens.push(stream.metadata.get('authorization')[0]?.toString());
    stream.on('error', () => undefined);
    if (options.refuse !== undefined) return void stream.emit('error', options.refuse);
    if (options.silent !== true) stream.sendMetadata(new Metadata());
    stream.on('data', (request: DeltaDiscoveryRequest) => requests.push(request));
    stream.on('end', () => stream.end());
    return undefined;
  };
  server.addService({ method }, { method: serve });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const [host = ownHost(), wanted = '0'] = options.address?.split(':') ?? [];
  server.bindAsync(`${host}:${wanted}`, options.credentials ?? ServerCredentials.createInsecure(), (error, port) =>
    error === null ? resolve(port) : reject(error),
  );
  const port = await promise;
  t.teardown(() => server.forceShutdown());
  return {
    address: `${host}:${port}`,
    requests,
    streams,
    tokens,
    send: (response) => void streams.at(-1)?.write(create(DeltaDiscoveryResponseSchema, response)),
    async next() {
      for (let turn = 0; turn < 3000 && requests.length <= taken; turn++)
        await new Promise((wake) => setTimeout(wake, 10));
      const request = requests[taken++];
      if (request === undefined) throw new Error('no request came');
      return request;
    },
    stop: () => server.forceShutdown(),
  };
}
