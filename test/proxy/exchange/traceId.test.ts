import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';
const get = (lines: string): string => `GET /a HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;

const told: readonly [title: string, lines: string][] = [
  ['of a traceparent', `traceparent: 00-${trace}-${parent}-01\r\n`],
  ['of one in other letters, not sampled', `TraceParent: 00-${trace}-${parent}-00\r\n`],
  ['of a later version that says more', `traceparent: cc-${trace}-${parent}-01-what-comes\r\n`],
  ['of a later version that says no more', `traceparent: cc-${trace}-${parent}-01\r\n`],
];
const notTold: readonly [title: string, lines: string][] = [
  ['without one', 'tracestate: a=b\r\n'],
  ['where it is another field of that length', `transparent: 00-${trace}-${parent}-01\r\n`],
  ['of version ff', `traceparent: ff-${trace}-${parent}-01\r\n`],
  ['of version 00 that says more', `traceparent: 00-${trace}-${parent}-01-x\r\n`],
  ['of a trace of zeros', `traceparent: 00-${'0'.repeat(32)}-${parent}-01\r\n`],
  ['of a parent of zeros', `traceparent: 00-${trace}-${'0'.repeat(16)}-01\r\n`],
  ['in capital digits', `traceparent: 00-${trace.toUpperCase()}-${parent}-01\r\n`],
  ['of one that is cut off', `traceparent: 00-${trace}-${parent}\r\n`],
  ['of one with a quote in it', `traceparent: 00-${trace.slice(1)}"-${parent}-01\r\n`],
  ['of two of them', `traceparent: 00-${trace}-${parent}-01\r\n`.repeat(2)],
];

for (const [title, lines] of told) {
  test(`the line has the trace ${title}, and the field goes on`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    await ask(await sidecar.straight(backend.port), get(lines) + get(''));
    t.is(backend.requests[0]?.head, get(lines));
    const [entry, next] = await sidecar.logged(2);
    t.is(entry?.['traceId'], trace);
    t.is(next?.['traceId'], undefined, 'the next request on the connection says nothing of it');
  });
}

for (const [title, lines] of notTold) {
  test(`the line has no trace ${title}`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    await ask(await sidecar.straight(backend.port), get(lines));
    t.is(backend.requests[0]?.head, get(lines));
    const [entry] = await sidecar.logged(1);
    t.like(entry, { status: 200, traceId: undefined });
  });
}

test('the line of a request that failed has its trace', async (t) => {
  const sidecar = setUp(t);
  await ask(await sidecar.straight(1), get(`traceparent: 00-${trace}-${parent}-01\r\n`));
  const [entry] = await sidecar.logged(1);
  t.like(entry, { status: 503, flags: 'UF', traceId: trace });
});
