import test from 'ava';
import { startBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect } from '../peer.ts';

test('a client that does not read its response is told from an endpoint that sends none', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => {
      peer.write('HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n');
      peer.write(Buffer.alloc(30_000_000));
    });
  });
  const sidecar = setUp(t, { limits: { progressTimeoutMs: 3000 } });
  const peer = await connect(await sidecar.straight(backend.port));
  peer.socket.pause();
  peer.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  const [entry] = await sidecar.logged(1);
  t.like(entry, { status: 200, flags: 'SI', reason: 'the client took nothing of its response for too long' });
  peer.socket.resume();
  t.is(await peer.over(), 'reset');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that gives up while it waits is noticed, and the endpoint gets a reset', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await (await backend.peer(0)).sees('GET /slow');
  // What close(2) does, unlike a half-close: whatever comes now is answered with a reset by the kernel.
  peer.socket.destroy();
  const [entry] = await sidecar.logged(1);
  t.like(entry, { status: 499, flags: 'DC', path: '/slow' });
  t.deepEqual(await sidecar.leftovers(), []);
});
