import test from 'ava';
import { readRefusedLine } from '../../../proxy/http1/refusedLine.ts';
import { peerFragment } from '../../../proxy/observe/fragment.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { ask, connect } from '../peer.ts';

test('an inbound line names who called: of a request, a connection and a refusal', async (t) => {
  const ok = await startOkBackend(t);
  const other = await startBackend(t, (peer) => peer.end());
  const sidecar = setUp(t);
  await ask(await sidecar.straight(ok.port), 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  await ask(await sidecar.straight(other.port), '\0\x01');
  await ask(await sidecar.straight(ok.port), 'GET /a HTTP/1.1\r\n\r\n');
  await ask(await sidecar.straight(ok.port, 'outbound'), 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  t.deepEqual(
    (await sidecar.logged(4)).map(({ message, peer, flags }) => [message, peer, flags]),
    [
      ['request', '192.0.2.9', undefined],
      ['connection', '192.0.2.9', undefined],
      ['request', '192.0.2.9', 'DPE'],
      ['request', undefined, undefined],
    ],
  );
});

test('a line names the pod as soon as the agent has said it, also on a connection that is open already', async (t) => {
  const ok = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(ok.port));
  const { peers } = sidecar.transparentRole;
  const askOnce = async (path: string, count: number): Promise<unknown> => {
    peer.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const { peer: address, peerPod, peerNamespace } = (await sidecar.logged(count))[count - 1] ?? {};
    return [address, peerPod, peerNamespace];
  };
  t.deepEqual(await askOnce('/a', 1), ['192.0.2.9', undefined, undefined], 'nobody waits for it');
  t.deepEqual(sidecar.interest, ['+peer 192.0.2.9']);
  peers.apply('192.0.2.9', { namespace: 'shop', pod: 'client' });
  t.deepEqual(await askOnce('/b', 2), ['192.0.2.9', 'client', 'shop']);
  peers.apply('192.0.2.9');
  t.deepEqual(await askOnce('/c', 3), ['192.0.2.9', undefined, undefined]);
  await ask(await sidecar.straight(ok.port), 'GET /d HTTP/1.1\r\nHost: x\r\n\r\n');
  t.deepEqual(sidecar.interest, ['+peer 192.0.2.9'], 'it is asked for once');
  peer.end();
});

test('where it is known whose address that is, the line says so', (t) => {
  const known = { peer: '192.0.2.9', peerPod: 'client', peerNamespace: 'shop' };
  t.deepEqual(JSON.parse(`{${peerFragment(known).slice(1)}}`), known);
});

for (const [what, bytes, method, path] of [
  ['without a Host', 'GET /a?b=secret HTTP/1.1\r\n\r\n', 'GET', '/a'],
  ['with a bad version', 'POST /b HTTP/9.1\r\nHost: x\r\n\r\n', 'POST', '/b'],
  ['with an endless head', `GET /c HTTP/1.1\r\nA: ${'a'.repeat(70_000)}`, 'GET', '/c'],
  ['with a long target', `GET /${'d'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 'GET', `/${'d'.repeat(2047)}...[cut]`],
  ['behind an empty line', '\r\nGET /e HTTP/1.1\r\n\r\n', 'GET', '/e'],
  ['that is none', '\0GET /f HTTP/1.1\r\n\r\n', undefined, undefined],
  ['with a method that is too long', `${'A'.repeat(100)} /g HTTP/1.1\r\nHost: x\r\n\r\n`, undefined, undefined],
] as const) {
  for (const pieces of ['one piece', 'two pieces']) {
    test(`a refused request ${what}, in ${pieces}, is logged with what could be read of it`, async (t) => {
      const backend = await startOkBackend(t);
      const sidecar = setUp(t, { inbound: [{ port: backend.port, protocol: 'http1', declaredBy: ['shop/web:80'] }] });
      const peer = await connect(await sidecar.straight(backend.port));
      const cut = pieces === 'one piece' ? 0 : Math.floor(bytes.length / 2);
      if (cut > 0) {
        peer.write(bytes.slice(0, cut));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      peer.write(bytes.slice(cut));
      await peer.over();
      const [entry] = await sidecar.logged(1);
      t.is(entry?.['flags'], 'DPE');
      t.is(entry?.['method'], method);
      t.is(entry?.['path'], path);
      peer.end();
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

test('a request that was too slow is logged with what could be read of it', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { headerTimeoutMs: 200, detectTimeoutMs: 50 } });
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('GET /slow HTTP/1.1\r\nHost: x\r\n');
  await peer.sees('408');
  t.like((await sidecar.logged(1))[0], { flags: 'SI', method: 'GET', path: '/slow' });
  peer.end();
});

test('what is no request line is not read as one', (t) => {
  for (const text of ['', 'GET', 'GET ', 'G\x1bT /', `${'A'.repeat(65)} /`])
    t.deepEqual(readRefusedLine(text), { method: undefined, path: undefined }, text);
});
