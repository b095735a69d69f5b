import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Alarm, type Expiring, unwatchDeadline, watchDeadline } from '../../../proxy/socket/deadlines.ts';
import { ErrorWatch } from '../../../proxy/socket/gone.ts';
import { startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const bulk = Buffer.alloc(20_000_000, 'x');

/** How many connections are watched for an error; what this process looks at is a ring. */
function watched(): number {
  const own = new Alarm(() => undefined);
  watchDeadline(own);
  let count = 0;
  for (let at: Expiring | undefined = own.next; at !== own; at = at?.next) if (at instanceof ErrorWatch) count++;
  unwatchDeadline(own);
  return count;
}

async function watches(count: number): Promise<number> {
  for (let turn = 0; turn < 3000 && watched() !== count; turn++) await sleep(10);
  return watched();
}

for (const direction of ['up', 'down'] as const) {
  test.serial(`a half (${direction}) that was full is watched for a reset no longer than it is not read`, async (t) => {
    const backend = await startBackend(t, () => undefined);
    const sidecar = setUp(t);
    sidecar.apply(routingSample({ protocol: 'opaque' }), endpointsOf('cart', readyEndpoint(backend.port)));
    const client = await connect(await sidecar.service());
    client.write('a');
    const server = await backend.peer(0);
    await server.sees('a');
    const [from, to] = direction === 'up' ? [client, server] : [server, client];
    for (const time of [1, 2]) {
      to.socket.pause();
      from.write(bulk);
      t.is(await watches(1), 1, `it is full for the ${time}. time`);
      to.socket.resume();
      await to.receives(time * bulk.length);
      t.is(await watches(0), 0, 'it has drained');
    }
    to.socket.pause();
    from.write(bulk);
    t.is(await watches(1), 1);
    from.reset();
    t.is(
      (await sidecar.logged(1))[0]?.['flags'],
      direction === 'up' ? 'DC' : 'UC',
      'it is seen while it is full again',
    );
    to.socket.destroy();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}
