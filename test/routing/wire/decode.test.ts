import { type MessageInitShape, create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import test from 'ava';
import type { Filter } from '../../../routing/model.ts';
import { decodeEndpoints, decodeServiceRouting } from '../../../routing/wire/decode.ts';
import { encodeEndpoints } from './bytes.ts';
import {
  FilterSchema,
  MatchType,
  Protocol,
  RuleSchema,
  ServiceRoutingSchema,
} from '../../../routing/wire/generated/heddle/v1/routing_pb.ts';

type RuleInit = MessageInitShape<typeof RuleSchema>;

const match = { path: { type: MatchType.PATH_PREFIX, value: '/' } };
const target = { case: 'endpoints', value: { name: 'shop/cart:80', protocol: Protocol.DETECT } } as const;
const service = { namespace: 'shop', name: 'cart', port: 80, protocol: Protocol.DETECT, endpoints: 'shop/cart:80' };

function decodeRouting(init: MessageInitShape<typeof ServiceRoutingSchema>) {
  return decodeServiceRouting(toBinary(ServiceRoutingSchema, create(ServiceRoutingSchema, { ...service, ...init })));
}

function decodeRule(rule: RuleInit) {
  const route = { kind: 'HTTPRoute', namespace: 'shop', name: 'cart', rules: [{ matches: [match], ...rule }] };
  return decodeRouting({ routes: [route] });
}

test('The message that the other cases spoil is good', (t) => {
  t.true(decodeRule({ backends: [{ namespace: 'shop', name: 'cart', port: 80, weight: 1, target }] }).ok);
});

const services: readonly [sentence: string, init: MessageInitShape<typeof ServiceRoutingSchema>, says: RegExp][] = [
  [
    'A protocol that is not said',
    { protocol: Protocol.UNSPECIFIED },
    /protocol is 0, which this version does not know/,
  ],
  ['A protocol from the future', { protocol: 99 as Protocol }, /protocol is 99, which this version does not know/],
  ['Port 0', { port: 0 }, /port is 0, not from 1 to 65535/],
  ['Port 65536', { port: 65_536 }, /port is 65536/],
  ['An empty name', { name: '' }, /name is empty/],
  ['No endpoints name', { endpoints: '' }, /endpoints is empty/],
  [
    'A kind of route from the future',
    { routes: [{ kind: 'TLSRoute', namespace: 'a', name: 'b' }] },
    /routes\[0\]\.kind is "TLSRoute", not HTTPRoute or GRPCRoute/,
  ],
];

for (const [sentence, init, says] of services) {
  test(`${sentence} is refused`, (t) => {
    const decoded = decodeRouting(init);
    t.regex(decoded.ok ? '' : decoded.message, says);
  });
}

const backend = { namespace: 'shop', name: 'cart', port: 80, weight: 1 };
const header = { type: MatchType.EXACT, name: 'x', value: '1' };
const rules: readonly [sentence: string, rule: RuleInit, says: RegExp][] = [
  ['A rule without matches', { matches: [] }, /routes\[0\]\.rules\[0\]\.matches is empty/],
  ['A match without path', { matches: [{}] }, /matches\[0\]\.path is missing/],
  ['A kind of match that is not said', { matches: [{ path: { value: '/' } }] }, /path\.type is 0/],
  [
    'A method by prefix',
    { matches: [{ grpcMethod: { type: 2, service: 'a' } }] },
    /grpc_method\.type .*for paths only/,
  ],
  ['A method without a type', { matches: [{ grpcMethod: { service: 'a' } }] }, /grpc_method\.type is 0/],
  ['An empty service', { matches: [{ grpcMethod: { type: 1, service: '' } }] }, /grpc_method\.service is empty/],
  ['A method beside a path', { matches: [{ ...match, grpcMethod: { type: 1 } }] }, /grpc_method stands beside a path/],
  ['A header matched by prefix', { matches: [{ ...match, headers: [{ ...header, type: 2 }] }] }, /for paths only/],
  ['A header name in capitals', { matches: [{ ...match, headers: [{ ...header, name: 'X' }] }] }, /lower case/],
  [
    'A query parameter without name',
    { matches: [{ ...match, queryParams: [{ ...header, name: '' }] }] },
    /name is empty/,
  ],
  ['A weight above a million', { backends: [{ ...backend, weight: 1_000_001, target }] }, /weight is 1000001/],
  ['A backend without target', { backends: [backend] }, /backends\[0\]\.target is missing/],
  ['A backend with port 0', { backends: [{ ...backend, port: 0, target }] }, /backends\[0\]\.port is 0/],
  ['A filter of no kind', { filters: [{}] }, /filters\[0\] says no kind/],
  ['A redirect to port 0', { filters: [redirect({ statusCode: 302, port: 0 })] }, /port is 0/],
  ['A path modifier of no kind', { filters: [redirect({ statusCode: 302, path: {} })] }, /path says no kind/],
];

for (const [sentence, rule, says] of rules) {
  test(`${sentence} is refused`, (t) => {
    const decoded = decodeRule(rule);
    t.regex(decoded.ok ? '' : decoded.message, says);
  });
}

const newer: readonly [sentence: string, filter: Uint8Array][] = [
  ['A filter of a kind from the future', fieldFrom(100, new Uint8Array([8, 1]))],
  [
    'A redirect with a field from the future',
    fieldFrom(3, new Uint8Array([...fieldFrom(100, new Uint8Array()), 0x28, 0xae, 2])),
  ],
  ['A rewrite with a path modifier from the future', fieldFrom(4, fieldFrom(2, fieldFrom(100, new Uint8Array())))],
];

for (const [sentence, bytes] of newer) {
  test(`${sentence} becomes Unsupported, so that its rule fails visibly`, (t) => {
    const rule = toBinary(RuleSchema, create(RuleSchema, { matches: [match], filters: [create(FilterSchema)] }));
    const emptyFilter = [0x22, 0];
    t.deepEqual([...rule.subarray(-2)], emptyFilter);
    const route = fieldFrom(5, new Uint8Array([...rule.subarray(0, -2), ...fieldFrom(4, bytes)]));
    const named = new BinaryWriter().tag(1, WireType.LengthDelimited).string('HTTPRoute');
    named.tag(2, WireType.LengthDelimited).string('shop').tag(3, WireType.LengthDelimited).string('cart');
    const start = toBinary(ServiceRoutingSchema, create(ServiceRoutingSchema, service));
    const decoded = decodeServiceRouting(
      new Uint8Array([...start, ...fieldFrom(5, new Uint8Array([...named.finish(), ...route]))]),
    );
    const filter: Filter | undefined = decoded.ok ? decoded.value.routes[0]?.rules[0]?.filters[0] : undefined;
    t.is(filter?.type, 'Unsupported', JSON.stringify(decoded));
  });
}

test('A header value that would break the message makes its filter Unsupported, and the rest is taken', (t) => {
  const set = [{ name: 'x', value: 'a\r\nb: c' }];
  const decoded = decodeRule({ filters: [{ kind: { case: 'requestHeaderModifier', value: { set } } }] });
  const filter = decoded.ok ? decoded.value.routes[0]?.rules[0]?.filters[0] : undefined;
  t.like(filter, { type: 'Unsupported', name: 'RequestHeaderModifier' });
});

const endpoint = { address: '10.0.0.1', port: 80, ready: true, serving: true, terminating: false };
const addresses: readonly [address: string, good: boolean][] = [
  ['10.0.0.1', true],
  ['fd00::1', true],
  ['::ffff:10.0.0.1', true],
  ['', false],
  ['cart.shop.svc', false],
  ['[fd00::1]', false],
  ['10.0.0', false],
];

for (const [address, good] of addresses) {
  test(`The endpoint address "${address}" is ${good ? 'taken' : 'refused'}`, (t) => {
    t.is(decodeEndpoints(encodeEndpoints({ name: 'a/b:80', endpoints: [{ ...endpoint, address }] })).ok, good);
  });
}

test('An endpoint with port 0 is refused', (t) => {
  t.false(decodeEndpoints(encodeEndpoints({ name: 'a/b:80', endpoints: [{ ...endpoint, port: 0 }] })).ok);
});

function redirect(
  value: Extract<NonNullable<MessageInitShape<typeof FilterSchema>['kind']>, { case: 'requestRedirect' }>['value'],
) {
  return { kind: { case: 'requestRedirect', value } } as const;
}

/** A field of bytes, as a newer version might write it. */
function fieldFrom(number: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytes).finish();
}
