import test from 'ava';
import { fromBinary } from '@bufbuild/protobuf';
import type { Content } from '../../../agent/discovery/content.ts';
import { ResponseEncoder } from '../../../agent/discovery/responses.ts';
import type { SessionResponse } from '../../../agent/discovery/session.ts';
import { DeltaDiscoveryResponseSchema } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { endpointsTypeUrl, serviceRoutingTypeUrl } from '../../../routing/wire/typeUrls.ts';
import { collectGarbage } from '../../garbage.ts';

test('A response that 100 streams are sent is encoded once, with the nonce of each', (t) => {
  const encoder = new ResponseEncoder();
  let times = 0;
  const counted: Content = { ...content('v1', 'bytes'), value: () => Buffer.from(`encoded ${(times += 1)} times`) };
  for (let nonce = 1; nonce <= 100; nonce += 1) {
    const response = responseOf({ nonce: `${nonce}`, resources: [{ name: 'shop/web:80', content: counted }] });
    t.like(read(encoder.encode(response, 'revision')), {
      nonce: `${nonce}`,
      value: 'encoded 1 times',
      version: 'v1',
      revision: 'revision',
    });
  }
  t.is(times, 1);
});

const web = { name: 'shop/web:80', content: content('v1', 'web') };
const cart = { name: 'shop/cart:80', content: content('v1', 'cart') };
const large = { name: 'shop/large:80', content: content('v1', 'l'.repeat(200_000)) };

const others: Readonly<Record<string, Partial<SessionResponse> & { readonly revision?: string }>> = {
  'of another type': { typeUrl: serviceRoutingTypeUrl },
  'of another revision': { revision: 'next' },
  'with another content': { resources: [{ name: web.name, content: content('v2', 'web 2') }] },
  'with another name for the same content': { resources: [{ name: '10.0.0.1:80', content: web.content }] },
  'with one resource more': { resources: [web, cart] },
  'without resources': { resources: [] },
  'with a removal': { removed: ['shop/gone:80'] },
  'with a large resource': { resources: [large] },
};

for (const [what, { revision: other = 'first', ...differs }] of Object.entries(others))
  test(`A response ${what} is not taken for the one before, nor that one for it`, (t) => {
    const encoder = new ResponseEncoder();
    const said = [
      { response: responseOf({ resources: [web] }), revision: 'first' },
      { response: responseOf({ resources: [web], ...differs }), revision: other },
    ];
    for (const [turn, at] of [0, 1, 0, 0, 1, 1].entries()) {
      const { response, revision } = said[at] ?? { response: responseOf({}), revision: '' };
      const alone = new ResponseEncoder().encode({ ...response, nonce: `${turn}` }, revision);
      t.deepEqual(encoder.encode({ ...response, nonce: `${turn}` }, revision), alone);
      t.like(read(alone), { nonce: `${turn}`, revision, typeUrl: response.typeUrl, removed: [...response.removed] });
    }
  });

test('One removal is not taken for another', (t) => {
  const encoder = new ResponseEncoder();
  for (const name of ['shop/a:80', 'shop/b:80', 'shop/b:80'])
    t.deepEqual(read(encoder.encode(responseOf({ removed: [name] }), '')).removed, [name]);
});

test('What is said of types that there are not is not kept: clients may make up any number of them', async (t) => {
  const encoder = new ResponseEncoder();
  const said = Array.from({ length: 100 }, (_, at) => {
    const removed = [`shop/gone-${at}:80`];
    encoder.encode(responseOf({ typeUrl: `made.up/${at}`, removed }), '');
    return new WeakRef(removed);
  });
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  t.is(said.filter((one) => one.deref() !== undefined).length, 0);
  t.deepEqual(read(encoder.encode(responseOf({ removed: ['shop/a:80'] }), '')).removed, ['shop/a:80']);
});

function content(version: string, bytes: string): Content {
  const made: Content = { version, value: () => Buffer.from(bytes), without: () => made };
  return made;
}

function responseOf(given: Partial<SessionResponse>): SessionResponse {
  return { typeUrl: endpointsTypeUrl, nonce: '1', resources: [], removed: [], ...given };
}

function read(bytes: Buffer): Readonly<Record<string, unknown>> {
  const response = fromBinary(DeltaDiscoveryResponseSchema, bytes);
  const [first] = response.resources;
  return {
    revision: response.systemVersionInfo,
    typeUrl: response.typeUrl,
    nonce: response.nonce,
    removed: response.removedResources,
    version: first?.version,
    value: first && Buffer.from(first.resource?.value ?? []).toString(),
  };
}
