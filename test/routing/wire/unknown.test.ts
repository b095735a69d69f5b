import { type DescMessage, type Message, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import test, { type ExecutionContext } from 'ava';
import type { ServiceRouting as ServiceRoutingModel } from '../../../routing/model.ts';
import {
  type Decoded,
  decodeEndpoints,
  decodeInbound,
  decodePeer,
  decodeServiceRouting,
} from '../../../routing/wire/decode.ts';
import {
  EndpointsSchema,
  InboundSchema,
  PeerSchema,
  file_heddle_v1_routing,
  type ServiceRouting,
  ServiceRoutingSchema,
} from '../../../routing/wire/generated/heddle/v1/routing_pb.ts';
import { failuresIn } from './failures.ts';
import { messageAt, messagesIn, sampleEndpoints, sampleInbound, samplePeer, sampleRouting } from './sample.ts';

const refused = 'refused';
const filter = /a filter, or a part of one, that this sidecar is too old for: upgrade the sidecar/;
// One that is invalid anyway says its own reason.
const backend =
  /(a part of this backend|a filter, or a part of one,) that this sidecar is too old for: upgrade the sidecar|there is no Service/;
const rule = /a part of this rule that this sidecar is too old for: upgrade the sidecar/;

/** What a field from the future does in each message: it is refused, or the rule or backend around it fails so. */
const outcomes: Readonly<Record<string, typeof refused | RegExp>> = {
  ServiceRouting: refused,
  // What is new in a route or a match may change what it matches.
  Route: refused,
  Match: refused,
  GRPCMethodMatch: refused,
  ValueMatch: refused,
  Rule: rule,
  Timeouts: rule,
  Retry: rule,
  Filter: filter,
  HeaderModifier: filter,
  HeaderField: filter,
  PathModifier: filter,
  Redirect: filter,
  URLRewrite: filter,
  RequestMirror: filter,
  CORS: filter,
  Unsupported: filter,
  Backend: backend,
  BackendEndpoints: backend,
  InvalidBackend: backend,
  Endpoints: refused,
  EndpointPolicy: refused,
  // What is new in an endpoint may say how it is to be reached.
  Endpoint: refused,
  Inbound: refused,
  InboundPort: refused,
  Peer: refused,
};

const sampleFailures: readonly (readonly [way: string, failure: string])[] = [
  ['routes.0.rules.2', 'CORS: is not built'],
  ['routes.0.rules.0.backends.1', 'BackendNotFound: there is no Service'],
];
const tooOld = /has field 100, which this sidecar is too old for: upgrade the sidecar$/;
const future = { no: 100, wireType: WireType.Varint, data: new Uint8Array([1]) };

test('Each message of the wire has an outcome, and stands in a sample', (t) => {
  const all = file_heddle_v1_routing.messages.map(({ name }) => name).toSorted();
  t.deepEqual(Object.keys(outcomes).toSorted(), all);
  const found = [sampleRouting(), sampleEndpoints(), sampleInbound(), samplePeer()]
    .flatMap((sample) => messagesIn(sample))
    .map(([, name]) => name);
  t.deepEqual([...new Set(found)].toSorted(), all);
});

test('Without a field from the future the samples are good', (t) => {
  const routing = decodeServiceRouting(toBinary(ServiceRoutingSchema, sampleRouting()));
  t.deepEqual(routing.ok && [...failuresIn(routing.value)], sampleFailures);
  t.true(decodeEndpoints(toBinary(EndpointsSchema, sampleEndpoints())).ok);
  t.true(decodeInbound(toBinary(InboundSchema, sampleInbound())).ok);
  t.true(decodePeer(toBinary(PeerSchema, samplePeer())).ok);
});

for (const [way, name] of messagesIn(sampleRouting())) {
  const outcome = outcomes[name] ?? refused;
  const place = /^.*rules\.\d+(\.backends\.\d+)?/.exec(way)?.[0] ?? '';
  const result = outcome === refused ? 'has the routing refused' : `makes ${place} answer 500, and no other`;
  test(`A field from the future in ${name} ${way} ${result}`, (t) => {
    const decoded = decodeServiceRouting(withFuture(ServiceRoutingSchema, sampleRouting(), way));
    if (outcome === refused) t.regex(decoded.ok ? '' : decoded.message, tooOld);
    else onlyFails(t, decoded, [place, outcome]);
  });
}

for (const [way, name] of messagesIn(sampleEndpoints())) {
  test(`A field from the future in ${name} ${way} has the endpoints refused`, (t) => {
    const decoded = decodeEndpoints(withFuture(EndpointsSchema, sampleEndpoints(), way));
    t.regex(decoded.ok ? '' : decoded.message, tooOld);
  });
}

for (const [way, name] of messagesIn(sampleInbound())) {
  test(`A field from the future in ${name} ${way} has the inbound ports refused`, (t) => {
    const decoded = decodeInbound(withFuture(InboundSchema, sampleInbound(), way));
    t.regex(decoded.ok ? '' : decoded.message, tooOld);
  });
}

test('A field from the future in a Peer has it refused', (t) => {
  const decoded = decodePeer(withFuture(PeerSchema, samplePeer(), ''));
  t.regex(decoded.ok ? '' : decoded.message, tooOld);
});

function withFuture<D extends DescMessage>(schema: D, message: MessageShape<D> & Message, way: string): Uint8Array {
  messageAt(message, way).$unknown = [future];
  return toBinary(schema, message);
}

type Change = (routing: ServiceRouting) => unknown;

const values: readonly (readonly [sentence: string, change: Change, place: string, says: RegExp])[] = [
  [
    'A protocol of a backend',
    (routing) => Object.assign(messageAt(routing, 'routes.0.rules.1.backends.0.target.value'), { protocol: 99 }),
    'routes.0.rules.1.backends.0',
    /^UnsupportedProtocol: its protocol is 99, which this sidecar is too old for: upgrade the sidecar$/,
  ],
  [
    'A protocol of a mirror',
    (routing) =>
      Object.assign(messageAt(routing, 'routes.0.rules.0.filters.4.kind.value.target.value'), { protocol: 99 }),
    'routes.0.rules.0',
    /^unknown: .* a filter, or a part of one, that this sidecar is too old for: upgrade the sidecar$/,
  ],
  [
    'A kind of target of a mirror',
    (routing) =>
      Object.assign(messageAt(routing, 'routes.0.rules.0.filters.4.kind.value'), { target: {}, $unknown: [future] }),
    'routes.0.rules.0',
    /^unknown: .* too old for/,
  ],
  [
    'A kind of target',
    (routing) => Object.assign(messageAt(routing, 'routes.0.rules.1.backends.0'), { target: {}, $unknown: [future] }),
    'routes.0.rules.1.backends.0',
    /^InvalidKind: .* too old for/,
  ],
  [
    'A reason of an invalid backend',
    (routing) => Object.assign(messageAt(routing, 'routes.0.rules.0.backends.1.target.value'), { reason: 'Sold' }),
    'routes.0.rules.0.backends.1',
    /^InvalidKind: Sold: there is no Service$/,
  ],
  [
    'A status of a redirect',
    (routing) => Object.assign(messageAt(routing, 'routes.0.rules.0.filters.3.kind.value'), { statusCode: 399 }),
    'routes.0.rules.0',
    /^RequestRedirect: its status is 399, which this sidecar is too old for: upgrade the sidecar$/,
  ],
  [
    'A scheme of a redirect',
    (routing) => Object.assign(messageAt(routing, 'routes.0.rules.0.filters.3.kind.value'), { scheme: 'h9' }),
    'routes.0.rules.0',
    /^RequestRedirect: its scheme is "h9", which this sidecar is too old for: upgrade the sidecar$/,
  ],
];

for (const [sentence, change, place, says] of values) {
  test(`${sentence} from the future makes ${place} answer 500, and no other`, (t) => {
    const routing = sampleRouting();
    change(routing);
    onlyFails(t, decodeServiceRouting(toBinary(ServiceRoutingSchema, routing)), [place, says]);
  });
}

/** Fails the test unless this rule or backend answers 500 with this reason, and none besides of which the sample is good. */
function onlyFails(
  t: ExecutionContext,
  decoded: Decoded<ServiceRoutingModel>,
  [place, says]: readonly [place: string, says: RegExp],
): void {
  const failures = new Map(decoded.ok ? failuresIn(decoded.value) : []);
  t.regex(failures.get(place) ?? 'it does not fail', says, JSON.stringify(decoded));
  failures.delete(place);
  t.deepEqual(
    [...failures],
    sampleFailures.filter(([other]) => other !== place),
  );
}
