import test from 'ava';
import type { ServiceRouting } from '../../../routing/model.ts';
import { clock } from '../../../proxy/socket/clock.ts';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const name = '10.96.0.10:80';
const longMs = 700_000;
const place = (number: number): string => `10.97.0.1:${number + 1}`;
const routing = (number: number): ServiceRouting => routingSample({ endpoints: `shop/s${number}:80` });

// This file's clock may be moved on: ava runs each file in a thread of its own, and these one after the other.
let movedMs = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + movedMs;
const pass = (ms: number): void => void (movedMs += ms);

test.serial(
  'a destination is forgotten ten minutes after its last connection has ended, not after it began',
  async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port)));
    const { table } = sidecar;
    const peer = await connect(await sidecar.service());
    peer.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await peer.sees('200 OK');
    pass(longMs);
    table.sweep();
    t.is(table.size.destinations, 1, 'it is in use');
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
    table.sweep();
    t.is(table.size.destinations, 1, 'it was in use just now');
    pass(longMs);
    table.sweep();
    t.deepEqual(table.size, { destinations: 0, groups: 0 });
    t.deepEqual(sidecar.interest.slice(-2), [`-routing ${name}`, '-endpoints shop/cart:80']);
  },
);

test.serial(
  'what is asked for after a quiet time counts from then, though no connection has told the time since',
  (t) => {
    const { table } = setUp(t);
    pass(longMs);
    table.lookup(name);
    // As the next read of any connection does.
    clock.ms = performance.now();
    table.sweep();
    t.is(table.size.destinations, 1);
  },
);

test.serial('while no agent answers nothing is forgotten', (t) => {
  let agentConnected = false;
  const sidecar = setUp(t, { agentConnected: () => agentConnected });
  sidecar.apply(routingSample(), endpointsOf('cart'));
  pass(longMs);
  sidecar.table.sweep();
  t.deepEqual(sidecar.table.size, { destinations: 1, groups: 1 });
  agentConnected = true;
  sidecar.table.sweep();
  t.deepEqual(sidecar.table.size, { destinations: 0, groups: 0 });
});

test.serial(
  'the word of the agent that has come while the process stood still is read before the wait is over',
  async (t) => {
    const { table } = setUp(t);
    const destination = table.lookup(name);
    const heard = new Promise<string>((resolve) => {
      destination.whenSettled(20, () => resolve(destination.state));
    });
    const backend = await startOkBackend(t);
    const agent = await connect(backend.port);
    agent.socket.on('data', () => table.removeRouting(name));
    // From here the timers are looked at before the sockets.
    await new Promise((resolve) => setImmediate(resolve));
    (await backend.peer(0)).write('the word');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    t.is(await heard, 'unknown');
    agent.end();
  },
);

test.serial('what many destinations cost grows with their number, not with its square', (t) => {
  const cost = (count: number): number => {
    const sidecar = setUp(t);
    const { table } = sidecar;
    const numbers = Array.from({ length: count }, (_, index) => index);
    // CPU of this thread alone: what else runs on the machine does not count.
    const before = process.threadCpuUsage();
    for (const number of numbers) table.lookup(place(number));
    for (const number of numbers) table.applyRouting(place(number), routing(number), 'r1');
    for (const number of numbers) table.applyEndpoints(endpointsOf(`s${number}`));
    for (const number of numbers) table.applyRouting(place(number), routing(number), 'r2');
    t.deepEqual(table.size, { destinations: count, groups: count });
    for (const number of numbers) table.removeRouting(place(number));
    t.is(table.size.groups, 0);
    pass(longMs);
    table.sweep();
    t.is(table.size.destinations, 0);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
  const best = (count: number): number => Math.min(cost(count), cost(count), cost(count));
  const [few, many] = [best(250), best(2000)];
  t.true(many < few * 32, `${few} ms for 250, ${many} ms for 2,000`);
});
