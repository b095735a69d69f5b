import { create } from '@bufbuild/protobuf';
import { Client, Server, ServerCredentials, credentials, type ServerDuplexStream } from '@grpc/grpc-js';
import test from 'ava';
import { deltaAggregatedResources as method } from '../../../routing/wire/delta.ts';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { serviceRoutingTypeUrl } from '../../../routing/wire/typeUrls.ts';

type Call = ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;

test('A request and its response cross a real gRPC stream', async (t) => {
  const server = new Server();
  server.addService({ deltaAggregatedResources: method }, { deltaAggregatedResources: answerOnce });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const stream = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
  const received: DeltaDiscoveryResponse[] = [];
  stream.on('data', (response: DeltaDiscoveryResponse) => received.push(response));
  stream.write(
    create(DeltaDiscoveryRequestSchema, { typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: ['10.0.0.1:80'] }),
  );
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  client.close();
  server.forceShutdown();
  t.like(received, { length: 1, 0: { typeUrl: serviceRoutingTypeUrl, removedResources: ['10.0.0.1:80'] } });
});

test('Garbage makes the deserializer throw, which ends that stream only', (t) => {
  t.throws(() => method.requestDeserialize(new Uint8Array([255, 255, 255])));
});

function answerOnce(call: Call): void {
  call.on('data', ({ typeUrl, resourceNamesSubscribe }: DeltaDiscoveryRequest) => {
    call.write(create(DeltaDiscoveryResponseSchema, { typeUrl, removedResources: resourceNamesSubscribe }));
    call.end();
  });
}
