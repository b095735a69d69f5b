import http2 from 'node:http2';
import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { capabilityNames } from '../../../routing/wire/capabilities.ts';
import { decodeServiceRouting } from '../../../routing/wire/decode.ts';
import { deltaAggregatedResources } from '../../../routing/wire/delta.ts';
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { serviceRoutingTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { grpcMessage } from '../../grpcMessage.ts';

/**
 * `streams.ts <agent's address> <number> <name>...`: so many sidecars, which subscribe to these destinations, each on a
 * connection of its own. By IPC it says `ready` once each has got an answer, and from then on the highest weight of a
 * backend that all of them were sent. HTTP/2 without gRPC, and each resource decoded once for all of them: what they
 * cost is little beside what the agent does.
 */
const [address = '', number = '', ...resourceNamesSubscribe] = process.argv.slice(2);
const node = { clientFeatures: [...capabilityNames] };
const has = new Map<number, number>();
let decoded: { readonly bytes: Buffer; readonly weight: number } = { bytes: Buffer.alloc(0), weight: 0 };
let told = -1;

for (let at = 0; at < Number(number); at += 1) open(at);

function open(at: number): void {
  const session = http2.connect(`http://${address}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': deltaAggregatedResources.path,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `pod-${at}`,
  });
  const send = (request: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void => {
    const bytes = deltaAggregatedResources.requestSerialize(create(DeltaDiscoveryRequestSchema, request));
    stream.write(grpcMessage(bytes));
  };
  let kept: Buffer = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
    while (kept.length >= 5 && kept.length >= 5 + kept.readUInt32BE(1)) {
      const end = 5 + kept.readUInt32BE(1);
      const response = fromBinary(DeltaDiscoveryResponseSchema, kept.subarray(5, end));
      kept = kept.subarray(end);
      take(at, response);
      send({ typeUrl, responseNonce: response.nonce });
    }
  });
  send({ typeUrl, node, resourceNamesSubscribe });
}

function take(at: number, { resources }: DeltaDiscoveryResponse): void {
  const weights = resources.map(({ resource }) => weightOf(Buffer.from(resource?.value ?? [])));
  has.set(at, Math.max(...weights));
  if (has.size < Number(number)) return;
  if (told < 0) process.send?.('ready');
  const least = Math.min(...has.values());
  if (told >= 0 && least > told) process.send?.(least);
  told = least;
}

function weightOf(bytes: Buffer): number {
  if (bytes.equals(decoded.bytes)) return decoded.weight;
  const routing = decodeServiceRouting(bytes);
  if (!routing.ok) throw new Error(routing.message);
  const backends = routing.value.routes.flatMap(({ rules }) => rules.flatMap((rule) => rule.backends));
  decoded = { bytes, weight: Math.max(...backends.map(({ weight }) => weight)) };
  return decoded.weight;
}
