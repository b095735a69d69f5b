import { create } from '@bufbuild/protobuf';
import { type Endpoints, type ServiceRouting, endpointsName } from '../../../routing/model.ts';
import { decodeEndpoints, decodeInbound, decodePeer, decodeServiceRouting } from '../../../routing/wire/decode.ts';
import { createEncoder } from '../../../routing/wire/encode.ts';
import { ResourceSchema } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import {
  endpointsTypeUrl,
  inboundTypeUrl,
  peerTypeUrl,
  serviceRoutingTypeUrl,
} from '../../../routing/wire/typeUrls.ts';
import { seededRandom } from '../../proxy/random.ts';
import { grpcMessage } from '../../grpcMessage.ts';
import type { Kind, Talk } from './kinds.ts';

type Resource = Parameters<typeof create<typeof ResourceSchema>>[1];

const encoder = createEncoder();
const service = { namespace: 'shop', name: 'nonsense' };
const endpoints: Endpoints = {
  name: endpointsName(service, 80),
  endpoints: [{ address: '192.0.2.1', port: 9, ready: true, serving: true, terminating: false }],
};
const routing: ServiceRouting = { service, port: 80, protocol: 'http1', routes: [], endpoints: endpoints.name };

/** Good bytes of each type, and how a sidecar reads them. */
const types = {
  routing: [serviceRoutingTypeUrl, encoder.serviceRouting(routing).value, decodeServiceRouting],
  endpoints: [endpointsTypeUrl, encoder.endpoints(endpoints).value, decodeEndpoints],
  inbound: [
    inboundTypeUrl,
    encoder.inbound({ ports: [{ port: 8080, protocol: 'http1', declaredBy: ['shop/nonsense:80'] }] }).value,
    decodeInbound,
  ],
  peer: [peerTypeUrl, encoder.peer({ namespace: 'shop', pod: 'nonsense' }).value, decodePeer],
} as const;

/** What no sidecar can take for its configuration; each has a nonce of its own. */
export const badMessages: readonly Kind[] = [
  ...Object.entries(types).flatMap(([type, [typeUrl, good, decode]]) => {
    const isBad = (bytes: Uint8Array): boolean => !decode(bytes).ok;
    const wrong: Record<string, Resource> = {
      'no bytes at all': { version: '1' },
      'of another type': {
        version: '1',
        resource: { typeUrl: 'type.googleapis.com/envoy.config.cluster.v3.Cluster', value: good },
      },
      'of no type': { version: '1', resource: { typeUrl: '', value: good } },
      'with an unknown field': {
        version: '1',
        resource: { typeUrl, value: Buffer.concat([good, Buffer.from([0xf2, 0x7f, 1, 120])]) },
      },
      'with a version of 100 KB': { version: 'v'.repeat(100_000), resource: { typeUrl, value: Buffer.from([255]) } },
      'without a version': { version: '', resource: { typeUrl, value: Buffer.from([255]) } },
      '2 MB long': { version: '1', resource: { typeUrl, value: Buffer.alloc(2_000_000, 255) } },
    };
    for (let seed = 1; Object.keys(wrong).length < 24; seed += 1) {
      const bytes = seed % 3 === 0 ? good.subarray(0, seed % good.length) : mutate(good, seed);
      if (isBad(bytes))
        wrong[`with broken bytes (${seed})`] = { version: `${seed}`, resource: { typeUrl, value: bytes } };
    }
    return Object.entries(wrong).map(([how, resource]) =>
      message(`${type} ${how}`, (talk, nonce) =>
        talk.respond({
          typeUrl,
          nonce,
          resources: talk.names(typeUrl).map((name) => Object.assign({ name }, resource)),
        }),
      ),
    );
  }),
  ...Object.entries(types).flatMap(([type, [typeUrl, good]]) => [
    message(`${type} that nobody asked for`, (talk, nonce) =>
      talk.respond({
        typeUrl,
        nonce,
        resources: [{ name: 'nobody/asked:1', version: '1', resource: { typeUrl, value: good } }],
      }),
    ),
    message(`${type}: 5,000 that nobody asked for`, (talk, nonce) =>
      talk.respond({
        typeUrl,
        nonce,
        resources: Array.from({ length: 5000 }, (_, at) => ({
          name: `n/${at}:1`,
          version: '1',
          resource: { typeUrl, value: good },
        })),
      }),
    ),
    message(`${type}: names removed that nobody knows`, (talk, nonce) =>
      talk.respond({ typeUrl, nonce, removedResources: Array.from({ length: 10_000 }, (_, at) => `gone/${at}:1`) }),
    ),
    message(`${type}: names removed and sent, broken, in one`, (talk, nonce) =>
      talk.respond({
        typeUrl,
        nonce,
        resources: talk
          .names(typeUrl)
          .map((name) => ({ name, version: '2', resource: { typeUrl, value: Buffer.from([255]) } })),
        removedResources: [...talk.names(typeUrl)],
      }),
    ),
    message(`${type}: the same broken one 1,000 times`, (talk, nonce) =>
      talk.respond({
        typeUrl,
        nonce,
        resources: talk
          .names(typeUrl)
          .slice(0, 1)
          .flatMap((name) =>
            Array.from({ length: 1000 }, () => ({
              name,
              version: '3',
              resource: { typeUrl, value: Buffer.from([255]) },
            })),
          ),
      }),
    ),
    message(`${type}: nothing`, (talk, nonce) => talk.respond({ typeUrl, nonce })),
  ]),
  message('endpoints that call themselves by the name of others', (talk, nonce) => {
    const names = talk.names(endpointsTypeUrl);
    talk.respond({
      typeUrl: endpointsTypeUrl,
      nonce,
      resources: names.map((name, at) => ({
        name,
        version: '4',
        resource: {
          typeUrl: endpointsTypeUrl,
          value: called(names[(at + 1) % names.length] === name ? 'shop/x:1' : (names[(at + 1) % names.length] ?? '')),
        },
      })),
    });
  }),
  message('an unknown type', (talk, nonce) => talk.respond({ typeUrl: 'type.googleapis.com/nobody.Knows', nonce })),
  message('no type', (talk, nonce) => talk.respond({ typeUrl: '', nonce })),
  message('a type of 100 KB', (talk, nonce) => talk.respond({ typeUrl: 't'.repeat(100_000), nonce })),
  message('a revision of 100 KB', (talk, nonce) =>
    talk.respond({ typeUrl: endpointsTypeUrl, nonce, systemVersionInfo: 'r'.repeat(100_000) }),
  ),
  message('the same nonce twice', (talk, nonce) => {
    talk.respond({ typeUrl: endpointsTypeUrl, nonce });
    talk.respond({ typeUrl: endpointsTypeUrl, nonce });
  }),
  { type: 'message', name: 'a nonce of 100 KB', to: (talk) => withNonce(talk, 'n'.repeat(100_000)) },
  { type: 'message', name: 'no nonce', to: (talk) => withNonce(talk, '') },
  ...[1, 2, 3, 4, 5].map((seed): Kind => ({
    type: 'message',
    name: `a message of random bytes (${seed})`,
    to: (talk) => {
      talk.write(grpcMessage(Buffer.concat([Buffer.from([7]), randomBytes(seed, 200)])));
      return 'nobody answers this';
    },
  })),
];

/** Always the same for a seed. */
export function randomBytes(seed: number, length: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

function called(name: string): Uint8Array {
  return encoder.endpoints({ ...endpoints, name }).value;
}

let nonces = 0;

function message(name: string, send: (talk: Talk, nonce: string) => void): Kind {
  return {
    type: 'message',
    name,
    to(talk) {
      const nonce = `nonsense ${(nonces += 1)}`;
      send(talk, nonce);
      return nonce;
    },
  };
}

function withNonce(talk: Talk, nonce: string): string {
  talk.respond({ typeUrl: endpointsTypeUrl, nonce });
  return nonce;
}

function mutate(good: Uint8Array, seed: number): Uint8Array {
  const [at = 0, byte = 0] = randomBytes(seed, 2);
  const bytes = Uint8Array.from(good);
  bytes[at % bytes.length] = byte;
  return bytes;
}
