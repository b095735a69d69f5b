import test, { type ExecutionContext } from 'ava';
import { dial } from '../../../proxy/socket/dial.ts';
import { type Backend, startBackend } from '../backend.ts';
import type { Peer } from '../peer.ts';

async function connected(t: ExecutionContext): Promise<{ backend: Backend; peer: Peer; alive: () => boolean }> {
  const backend = await startBackend(t, () => undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  const connection = dial({ address: '127.0.0.1', port: backend.port }, undefined, resolve);
  t.teardown(() => connection.destroy());
  await promise;
  const peer = await backend.peer(0);
  return { backend, peer, alive: () => connection.stillStands() };
}

/** Lets the kernel work while Node's event loop stands still, until `holds` or for some seconds. */
function standStill(holds: () => boolean): void {
  for (let turn = 0; turn < 500 && !holds(); turn++) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}

test('an idle connection is alive, however often it is asked', async (t) => {
  const { alive } = await connected(t);
  t.true(alive());
  t.true(alive());
});

const ends: Readonly<Record<string, (peer: Peer) => void>> = {
  'a FIN': (peer) => peer.socket.destroy(),
  'a reset': (peer) => peer.reset(),
};
for (const [title, end] of Object.entries(ends)) {
  test(`${title} that Node has not read yet is seen`, async (t) => {
    const { alive, peer } = await connected(t);
    end(peer);
    standStill(() => !alive());
    t.false(alive());
    t.false(alive(), 'and is not forgotten');
  });
}

test('bytes that nobody asked for count as death', async (t) => {
  const { alive, peer } = await connected(t);
  peer.write('x');
  standStill(() => !alive());
  t.false(alive());
});
