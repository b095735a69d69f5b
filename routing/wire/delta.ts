import {
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  create,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from './generated/envoy/service/discovery/v3/discovery_pb.ts';

/**
 * The one RPC between sidecar and agent, in the shape of grpc-js's `MethodDefinition`: a server and a client can be
 * made of it. A deserializer throws on garbage, which grpc-js turns into a failed stream.
 */
export const deltaAggregatedResources = {
  path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
  requestStream: true,
  responseStream: true,
  requestSerialize: serializer(DeltaDiscoveryRequestSchema),
  requestDeserialize: deserializer(DeltaDiscoveryRequestSchema),
  responseSerialize: serializer(DeltaDiscoveryResponseSchema),
  responseDeserialize: deserializer(DeltaDiscoveryResponseSchema),
} as const;

/** The same for a server that decodes a request when it takes it, and whose responses are bytes already. */
export const deltaAggregatedResourcesInBytes = {
  ...deltaAggregatedResources,
  requestDeserialize: (bytes: Buffer): Buffer => bytes,
  responseSerialize: (bytes: Buffer): Buffer => bytes,
} as const;

/** The bytes of a response, but for its nonce: streams that are sent the same share them. */
export function encodeDeltaResponse(
  response: Omit<MessageInitShape<typeof DeltaDiscoveryResponseSchema>, 'nonce' | '$typeName'>,
): Uint8Array {
  return toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, response));
}

/** A response with its nonce, of at most 127 ASCII characters. The fields of a message may come in any order. */
export function withNonce(encoded: Uint8Array, nonce: string): Buffer {
  const { number } = DeltaDiscoveryResponseSchema.field.nonce;
  const lengthDelimited = 2;
  const bytes = Buffer.allocUnsafe(encoded.length + 2 + nonce.length);
  bytes.set(encoded);
  bytes[encoded.length] = (number << 3) | lengthDelimited;
  bytes[encoded.length + 1] = nonce.length;
  bytes.write(nonce, encoded.length + 2, 'latin1');
  return bytes;
}

function serializer<D extends DescMessage>(schema: D): (message: MessageShape<D>) => Buffer {
  return (message) => {
    const bytes = toBinary(schema, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function deserializer<D extends DescMessage>(schema: D): (bytes: Uint8Array) => MessageShape<D> {
  return (bytes) => fromBinary(schema, bytes);
}
