import test from 'ava';
import { createContents, type Contents } from '../../../agent/discovery/content.ts';
import type { ServiceEndpoints } from '../../../agent/translate/result.ts';
import { createEncoder } from '../../../routing/wire/encode.ts';
import { endpointsTypeUrl, serviceRoutingTypeUrl } from '../../../routing/wire/typeUrls.ts';
import { makeRouting, startServer, webDestination, webEndpoints } from './fixture.ts';

const at = (address: string, node = 'a'): ServiceEndpoints => ({
  name: webEndpoints,
  endpoints: [{ address, port: 80, ready: true, serving: true, terminating: false, node }],
});

/** Contents, and the names of what they have encoded so far. */
function countingContents(): { contents: Contents; encoded: string[] } {
  const encoder = createEncoder();
  const encoded: string[] = [];
  const contents = createContents({
    ...encoder,
    serviceRouting(routing) {
      encoded.push(routing.protocol);
      return encoder.serviceRouting(routing);
    },
    endpoints(endpoints) {
      encoded.push(endpoints.endpoints.map(({ address }) => address).join());
      return encoder.endpoints(endpoints);
    },
  });
  return { contents, encoded };
}

test('a resource is encoded when a stream first has it to send, once for all of them', async (t) => {
  const { contents, encoded } = countingContents();
  const { publish, connect } = await startServer(t, {}, contents);
  publish({ routings: [makeRouting('http1')], endpoints: [at('10.1.0.1')] });
  publish({ routings: [makeRouting('tls')], endpoints: [at('10.1.0.2')] });
  t.deepEqual(encoded, [], 'nobody asked');
  for (const client of [connect(), connect()]) {
    client.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: [webDestination] });
    t.is((await client.take()).resources.length, 1);
    client.send({ typeUrl: endpointsTypeUrl, resourceNamesSubscribe: [webEndpoints] });
    t.is((await client.take()).resources.length, 1);
  }
  t.deepEqual(encoded, ['tls', '10.1.0.2']);
});

test('a version is that of what is said: the same on every agent, another one for another content', (t) => {
  const [one, other] = [createContents(), createContents()];
  t.is(versionOf(one, 'http1'), versionOf(other, 'http1'));
  t.not(versionOf(one, 'http1'), versionOf(one, 'tls'));
  t.is(versionOf(one, 'http1').slice(0, 4), versionOf(one, 'tls').slice(0, 4), 'of the same Service');
  t.is(one.endpoints(at('10.1.0.1')).version, other.endpoints(at('10.1.0.1')).version);
  t.not(one.endpoints(at('10.1.0.1')).version, one.endpoints(at('10.1.0.2')).version);
  const moved = one.endpoints(at('10.1.0.1', 'b'));
  t.is(moved.version, one.endpoints(at('10.1.0.1')).version, 'where it runs is not said');
});

function versionOf(contents: Contents, protocol: 'http1' | 'tls'): string {
  return contents.serviceRouting(makeRouting(protocol).routing).version;
}
