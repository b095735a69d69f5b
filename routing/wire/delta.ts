import { type DescMessage, type MessageShape, fromBinary, toBinary } from '@bufbuild/protobuf';
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

function serializer<D extends DescMessage>(schema: D): (message: MessageShape<D>) => Buffer {
  return (message) => {
    const bytes = toBinary(schema, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function deserializer<D extends DescMessage>(schema: D): (bytes: Uint8Array) => MessageShape<D> {
  return (bytes) => fromBinary(schema, bytes);
}
