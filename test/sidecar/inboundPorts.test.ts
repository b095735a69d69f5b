import test from 'ava';
import type { InboundPort } from '../../routing/model.ts';
import { startOkBackend } from '../proxy/backend.ts';
import { setUp } from '../proxy/harness.ts';
import { connect } from '../proxy/peer.ts';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

const cases: readonly (readonly [
  sentence: string,
  protocol: InboundPort['protocol'] | undefined,
  isOwnWish: boolean,
  message: 'request' | 'connection',
])[] = [
  ['a port that nothing is said of is looked at', undefined, false, 'request'],
  ['one that is declared http is, too', 'http1', false, 'request'],
  ['one that is declared opaque is passed on', 'opaque', false, 'connection'],
  ['one that is declared to speak HTTP/2 is looked at: probes may be HTTP/1.1', 'http2', false, 'request'],
  ['one that the pod itself wants passed on is', 'http1', true, 'connection'],
];

for (const [sentence, protocol, isOwnWish, message] of cases) {
  test(sentence, async (t) => {
    const backend = await startOkBackend(t);
    const declaredBy = ['shop/web:80'];
    const sidecar = setUp(t, {
      inbound: protocol === undefined ? [] : [{ port: backend.port, protocol, declaredBy }],
      opaquePorts: isOwnWish ? [backend.port] : [],
    });
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(get);
    await peer.sees('200 OK');
    peer.end();
    await peer.over();
    const declared = protocol && `${protocol} by Service shop/web:80`;
    t.is(sidecar.entries[0]?.['message'], message);
    t.is(sidecar.entries[0]?.['declared'], declared);
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

for (const [title, agentConnected] of [
  ['after the wait when the agent has not said what is declared', true],
  ['at once when there is no agent', false],
] as const) {
  test(`an inbound connection is served ${title}`, async (t) => {
    const backend = await startOkBackend(t);
    const limits = { discoveryWaitMs: agentConnected ? 100 : 60_000 };
    const sidecar = setUp(t, { inbound: null, agentConnected: () => agentConnected, limits });
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(get);
    await peer.sees('200 OK');
    peer.end();
    await peer.over();
    t.is(sidecar.entries[0]?.['status'], 200);
  });
}
