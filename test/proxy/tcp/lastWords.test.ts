import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { queuedToSend } from '../../../proxy/libc.ts';
import { fdOf } from '../takeOver.ts';
import { startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';

const opaque = routingSample({ protocol: 'opaque' });

/** Waits until the other side's kernel has all that was written. */
async function confirmed({ socket }: Peer): Promise<void> {
  for (let turn = 0; turn < 3000; turn++) {
    if (socket.writableLength === 0 && queuedToSend(fdOf(socket)) === 0) return;
    await sleep(10);
  }
}

/** A tunnel that stands: a byte has passed both ways. */
async function stand(t: ExecutionContext): Promise<Record<'client' | 'server', Peer> & { readonly sidecar: Sidecar }> {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const client = await connect(await sidecar.service());
  const server = await backend.peer(0);
  client.write('a');
  server.write('b');
  await client.sees('b');
  await server.sees('a');
  return { client, server, sidecar };
}

for (const side of ['client', 'server'] as const) {
  const flags = side === 'client' ? 'DC' : 'UC';

  test(`what a ${side} has sent before its reset arrives, though it could not be written to before that was read`, async (t) => {
    const { client, server, sidecar } = await stand(t);
    const [from, to] = side === 'client' ? [client, server] : [server, client];
    // In one turn: the proxy reads this first, and fails to write it on.
    to.write('y');
    from.write('x'.repeat(600));
    from.reset();
    t.is(await to.over(), 'reset');
    t.is(to.text.length, 601);
    t.like((await sidecar.logged(1))[0], { flags });
    t.deepEqual(await sidecar.leftovers(), []);
  });

  for (const bytes of [0, 200_000]) {
    test(`a bulk transfer of a ${side} arrives whole where it resets and the other sends ${bytes} bytes before it reads`, async (t) => {
      const { client, server, sidecar } = await stand(t);
      const [from, to] = side === 'client' ? [client, server] : [server, client];
      to.socket.pause();
      from.write('x'.repeat(1_500_000));
      await confirmed(from);
      from.reset();
      if (bytes > 0) to.write('y'.repeat(bytes));
      to.socket.resume();
      t.is(await to.over(), 'reset');
      t.is(to.text.length, 1_500_001);
      t.like((await sidecar.logged(1))[0], { flags });
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

test('one that takes nothing of it is not waited for longer than some seconds', async (t) => {
  const { client, server, sidecar } = await stand(t);
  client.socket.pause();
  // More than fits into the client's kernel.
  server.write('x'.repeat(8_000_000));
  await sleep(500);
  server.reset();
  client.write('y');
  while (sidecar.entries.length === 0) await sleep(50);
  t.like(sidecar.entries[0], { flags: 'UC' });
  client.socket.resume();
  t.is(await client.over(), 'reset');
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const side of ['client', 'server'] as const) {
  test(`a reset of a ${side} is noticed while the other side takes nothing, without a write to it`, async (t) => {
    const { client, server, sidecar } = await stand(t);
    const [from, to] = side === 'client' ? [client, server] : [server, client];
    to.socket.pause();
    from.write('x'.repeat(8_000_000));
    await sleep(500);
    from.reset();
    for (let turn = 0; turn < 1200 && sidecar.entries.length === 0; turn++) await sleep(50);
    t.like(sidecar.entries[0], { flags: side === 'client' ? 'DC' : 'UC' });
    to.socket.resume();
    t.is(await to.over(), 'reset');
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`a reset of a ${side} behind its end is noticed, without a write to it`, async (t) => {
    const { client, server, sidecar } = await stand(t);
    const [from, to] = side === 'client' ? [client, server] : [server, client];
    from.socket.end('x');
    await to.sees('x');
    t.is(await to.over(), 'fin');
    from.reset();
    t.like((await sidecar.logged(1))[0], { flags: side === 'client' ? 'DC' : 'UC' });
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

for (const ends of [false, true]) {
  test(`a server that resets while much waits for it is told of, though nothing is read from it${ends ? ' any more' : ''}`, async (t) => {
    const { client, server, sidecar } = await stand(t);
    const isFull = (): boolean => sidecar.registry.dialled[0]?.full === true;
    client.socket.pause();
    server.socket.pause();
    if (ends) server.end();
    else server.write('x'.repeat(8_000_000));
    for (let turn = 0; turn < 2000 && !isFull(); turn++) {
      client.write('y'.repeat(100_000));
      await sleep(5);
    }
    t.true(isFull());
    server.reset();
    await sleep(300);
    client.socket.resume();
    t.is(await client.over(), ends ? 'fin' : 'reset');
    while (sidecar.entries.length === 0) await sleep(50);
    t.like(sidecar.entries[0], { flags: 'UC' });
    client.socket.destroy();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}
