import { create, type Message } from '@bufbuild/protobuf';
import {
  type Endpoints,
  EndpointsSchema,
  type Inbound,
  InboundSchema,
  type Peer,
  PeerSchema,
  MatchType,
  Protocol,
  type ServiceRouting,
  ServiceRoutingSchema,
} from '../../../routing/wire/generated/heddle/v1/routing_pb.ts';

const match = { type: MatchType.EXACT, name: 'x', value: '1' };
const field = { name: 'x', value: '1' };
const path = { kind: { case: 'replaceFullPath', value: '/' } } as const;
const target = { case: 'endpoints', value: { name: 'shop/cart:80', protocol: Protocol.DETECT } } as const;
const backend = { namespace: 'shop', name: 'cart', port: 80 };
const invalid = { reason: 'BackendNotFound', message: 'there is no Service' };

/** A good message with every kind of message in it. Two parts of it fail: a backend is invalid, a filter is not built. */
export function sampleRouting(): ServiceRouting {
  return create(ServiceRoutingSchema, {
    namespace: 'shop',
    name: 'cart',
    port: 80,
    protocol: Protocol.DETECT,
    endpoints: 'shop/cart:80',
    routes: [
      {
        kind: 'HTTPRoute',
        namespace: 'shop',
        name: 'cart',
        rules: [
          {
            matches: [{ path: { type: MatchType.EXACT, value: '/' }, headers: [match], queryParams: [match] }],
            filters: [
              { kind: { case: 'requestHeaderModifier', value: { set: [field], add: [field] } } },
              { kind: { case: 'responseHeaderModifier', value: { set: [field], add: [field] } } },
              { kind: { case: 'urlRewrite', value: { path } } },
              { kind: { case: 'requestRedirect', value: { path, statusCode: 302 } } },
              { kind: { case: 'requestMirror', value: { ...backend, fraction: 0.5, target } } },
              {
                kind: {
                  case: 'requestMirror',
                  value: { ...backend, fraction: 1, target: { case: 'invalid', value: invalid } },
                },
              },
              { kind: { case: 'cors', value: { allowOrigins: ['https://*.example'], maxAgeSeconds: 5 } } },
            ],
            timeouts: { requestMs: 1000 },
            retry: { attempts: 1, codes: [503] },
            backends: [
              { ...backend, weight: 1, target },
              { ...backend, weight: 2, target: { case: 'invalid', value: invalid } },
            ],
          },
          {
            index: 1,
            matches: [{ grpcMethod: { type: MatchType.EXACT, service: 'shop.Cart', method: 'Add' } }],
            backends: [{ ...backend, weight: 1, target }],
          },
          {
            index: 2,
            matches: [{ path: { type: MatchType.PATH_PREFIX, value: '/a' } }],
            filters: [{ kind: { case: 'unsupported', value: { name: 'CORS', message: 'is not built' } } }],
          },
        ],
      },
    ],
  });
}

/** A good message with every kind of message in it. */
export function sampleEndpoints(): Endpoints {
  return create(EndpointsSchema, {
    name: 'shop/cart:80',
    endpoints: [{ address: '10.0.0.1', port: 80, ready: true, serving: true }],
    policy: { maxConnections: 10 },
  });
}

/** A good message with every kind of message in it. */
export function sampleInbound(): Inbound {
  return create(InboundSchema, { ports: [{ port: 80, protocol: Protocol.OPAQUE, declaredBy: ['shop/cart:80'] }] });
}

/** A good message. */
export function samplePeer(): Peer {
  return create(PeerSchema, { namespace: 'shop', pod: 'cart-1' });
}

/** Each message in a message, itself first: the way to it, and its name. */
export function messagesIn(value: unknown, way = ''): readonly (readonly [way: string, name: string])[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([key, inner]) => messagesIn(inner, way === '' ? key : `${way}.${key}`));
  return isMessage(value) ? [[way, value.$typeName.replace('heddle.v1.', '')], ...below] : below;
}

/** The message that a way leads to. */
export function messageAt(value: unknown, way: string): Message {
  let part: unknown = value;
  for (const key of way === '' ? [] : way.split('.')) part = Object(part)[key];
  if (!isMessage(part)) throw new Error(`${way} leads to no message`);
  return part;
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && '$typeName' in value;
}
