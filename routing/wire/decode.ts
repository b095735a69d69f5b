import { fromBinary } from '@bufbuild/protobuf';
import type { Endpoint, Endpoints, Inbound, InboundPort, Peer, ServiceRouting } from '../model.ts';
import { endpointPolicyOf } from './decodeEndpointPolicy.ts';
import { routeOf } from './decodeRoute.ts';
import { expect, expectNoUnknownFields, expectPort, expectProtocol, expectText } from './expect.ts';
import {
  EndpointsSchema,
  InboundSchema,
  PeerSchema,
  ServiceRoutingSchema,
  type Endpoint as WireEndpoint,
  type InboundPort as WireInboundPort,
} from './generated/heddle/v1/routing_pb.ts';

/** A value, or what is wrong with the bytes, naming the field: fit for a NACK. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** The ServiceRouting in these bytes, checked in every field. Never throws. */
export function decodeServiceRouting(bytes: Uint8Array): Decoded<ServiceRouting> {
  return decoded('ServiceRouting', () => {
    const message = fromBinary(ServiceRoutingSchema, bytes);
    const { namespace, name } = message;
    expectNoUnknownFields(message, 'the message');
    return {
      service: { namespace: expectText(namespace, 'namespace'), name: expectText(name, 'name') },
      port: expectPort(message.port, 'port'),
      protocol: expectProtocol(message.protocol, 'protocol'),
      routes: message.routes.map((route, index) => routeOf(route, `routes[${index}]`)),
      endpoints: expectText(message.endpoints, 'endpoints'),
    };
  });
}

/** The Endpoints in these bytes, checked in every field. Never throws. */
export function decodeEndpoints(bytes: Uint8Array): Decoded<Endpoints> {
  return decoded('Endpoints', () => {
    const message = fromBinary(EndpointsSchema, bytes);
    const { sessionAffinitySeconds: affinity, policy, whyNone } = message;
    expectNoUnknownFields(message, 'the message');
    return {
      name: expectText(message.name, 'name'),
      endpoints: message.endpoints.map((endpoint, index) => endpointOf(endpoint, `endpoints[${index}]`)),
      ...(affinity === undefined ? {} : { sessionAffinityMs: 1000 * affinity }),
      ...(policy === undefined ? {} : { policy: endpointPolicyOf(policy, 'policy') }),
      ...(whyNone === undefined ? {} : { whyNone }),
    };
  });
}

/** The Inbound in these bytes, checked in every field. Never throws. */
export function decodeInbound(bytes: Uint8Array): Decoded<Inbound> {
  return decoded('Inbound', () => {
    const message = fromBinary(InboundSchema, bytes);
    expectNoUnknownFields(message, 'the message');
    return { ports: message.ports.map((port, index) => inboundPortOf(port, `ports[${index}]`)) };
  });
}

/** The Peer in these bytes, checked in every field. Never throws. */
export function decodePeer(bytes: Uint8Array): Decoded<Peer> {
  return decoded('Peer', () => {
    const message = fromBinary(PeerSchema, bytes);
    expectNoUnknownFields(message, 'the message');
    return { namespace: expectText(message.namespace, 'namespace'), pod: expectText(message.pod, 'pod') };
  });
}

function decoded<T>(what: string, decode: () => T): Decoded<T> {
  try {
    return { ok: true, value: decode() };
  } catch (error) {
    return { ok: false, message: `${what} is not valid: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function endpointOf(message: WireEndpoint, field: string): Endpoint {
  const { address, port, ready, serving, terminating, pod } = message;
  expectNoUnknownFields(message, field);
  expect(looksLikeAddress.test(address), `${field}.address`, `is no IP address: ${JSON.stringify(address)}`);
  return {
    address,
    port: expectPort(port, `${field}.port`),
    ready,
    serving,
    terminating,
    ...(pod === undefined ? {} : { pod }),
  };
}

function inboundPortOf(message: WireInboundPort, field: string): InboundPort {
  const { port, protocol, declaredBy } = message;
  expectNoUnknownFields(message, field);
  return {
    port: expectPort(port, `${field}.port`),
    protocol: expectProtocol(protocol, `${field}.protocol`),
    declaredBy,
  };
}

/** Only its letters and digits are checked: a wrong address fails when it is dialled. */
const looksLikeAddress = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:.]*:[\da-fA-F:.]*)$/;
