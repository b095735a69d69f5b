import http2 from 'node:http2';
import { addAbortSignal } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { endpointsOf, readyEndpoint } from '../harness.ts';
import { startHttp2Server } from './clients.ts';
import { afterFirst, answering, call, ending, grpc, message, type Serve, setUpRPCs } from './serveRPCs.ts';

test('grpc-timeout is passed on, and ends an RPC that takes longer', async (t) => {
  const { sidecar, ask, seen } = await setUpRPCs(t, [afterFirst(() => undefined)]);
  await ask();
  const answer = await ask({ 'grpc-timeout': '50m' });
  t.like(answer, { status: 200, headers: { 'grpc-status': '4' } });
  t.is(
    answer.headers['grpc-message'],
    'heddle: the response of the endpoint was not complete within the grpc-timeout of its caller, 50ms',
  );
  t.is(seen[0]?.[1]?.['grpc-timeout'], '50m');
  t.like((await sidecar.logged(2))[1], { grpcStatus: 'DEADLINE_EXCEEDED', flags: 'UT' });
});

test('grpc-timeout ends a stream by its trailers', async (t) => {
  const { ask } = await setUpRPCs(t, [
    (stream) => {
      stream.respond({ ':status': 200, ...grpc });
      stream.write(message);
    },
  ]);
  t.like(await ask({ 'grpc-timeout': '2S' }), { body: message.toString('latin1'), trailers: { 'grpc-status': '4' } });
});

for (const [timeout, afterMs, status] of [
  ['1H', 50, 'CANCELLED'],
  ['50m', 50, 'DEADLINE_EXCEEDED'],
] as const) {
  test(`A caller that goes after ${afterMs} ms of ${timeout} is told of as ${status}`, async (t) => {
    const { sidecar, session, ask, seen } = await setUpRPCs(t, [afterFirst(() => undefined)]);
    await ask();
    const stream = session.request({ ...call, 'grpc-timeout': timeout });
    stream.on('error', () => undefined);
    stream.end(message);
    // Its time is counted by the sidecar, which has it now.
    while ((seen[0]?.length ?? 0) < 2) await sleep(1);
    setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), afterMs);
    t.like((await sidecar.logged(2))[1], { grpcStatus: status });
  });
}

test('The shorter of grpc-timeout and the timeout of the rule counts, and what is none says nothing', async (t) => {
  const { ask } = await setUpRPCs(t, [() => undefined], { timeouts: { requestMs: 50 } });
  for (const timeout of ['1H', 'soon', '99999999H'])
    t.regex(
      String((await ask({ 'grpc-timeout': timeout })).headers['grpc-message']),
      /timeouts\.request of its rule, 50ms$/,
    );
  t.regex(String((await ask({ 'grpc-timeout': '1m' })).headers['grpc-message']), /grpc-timeout of its caller, 1ms$/);
});

test('How little its callers wait does not have an endpoint left out', async (t) => {
  const { sidecar, ask } = await setUpRPCs(t, [() => undefined, () => undefined]);
  for (let turn = 1; turn < 13; turn++) await ask({ 'grpc-timeout': `${turn}m` });
  t.deepEqual(
    [...sidecar.registry.given].map(({ outlier }) => outlier.state),
    ['In', 'In'],
  );
});

/** Cancels an RPC of 3 s when its time is as good as over, as servers of grpc-go do. */
const cancelling: Serve = (stream) => void setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), 2975);
const threeSeconds = { 'grpc-timeout': '3S' };

test('An RPC that its server cancels when its time is over is told as that', async (t) => {
  const { sidecar, ask } = await setUpRPCs(t, [afterFirst(cancelling)]);
  await ask();
  t.like(await ask(threeSeconds), { headers: { 'grpc-status': '4' } });
  t.like((await sidecar.logged(2))[1], { grpcStatus: 'DEADLINE_EXCEEDED', flags: 'UT' });
  // Before its time it is the server's own doing.
  t.like(await ask({ 'grpc-timeout': '1H' }), { headers: { 'grpc-status': '1' } });
  t.like((await sidecar.logged(3))[2], { grpcStatus: 'CANCELLED', flags: 'UC' });
});

/** The same of one that has begun to answer. */
const cuttingOff: Serve = (stream) => {
  stream.respond({ ':status': 200, ...grpc });
  stream.write(message);
  // close() would end the response first.
  addAbortSignal(AbortSignal.timeout(2975), stream);
};

test('A response whose server cancels it when its time is over ends with trailers that say so', async (t) => {
  const { sidecar, ask } = await setUpRPCs(t, [afterFirst(cuttingOff)]);
  await ask();
  t.like(await ask(threeSeconds), { trailers: { 'grpc-status': '4' } });
  t.like((await sidecar.logged(2))[1], { grpcStatus: 'DEADLINE_EXCEEDED', flags: 'UT' });
});

test('A copy whose server cancels it when its time is over has timed out', async (t) => {
  const target = { type: 'Endpoints', endpoints: 'shop/shadow:80', protocol: 'http2' } as const;
  const mirror = { type: 'RequestMirror', namespace: 'shop', name: 'shadow', port: 80, target, fraction: 1 } as const;
  const { sidecar, ask } = await setUpRPCs(t, [answering()], { filters: [mirror] });
  const shadow = await startHttp2Server(t, (stream) => cancelling(stream, 0));
  sidecar.table.applyEndpoints(endpointsOf('shadow', readyEndpoint(shadow.port)));
  await ask(threeSeconds);
  const family = sidecar.metrics.http.families.find(({ name }) => name.endsWith('mirrored_requests_total'));
  const outcomes = (): readonly unknown[] => [...(family?.read() ?? [])].map(({ labels }) => labels['outcome']);
  for (let turn = 0; turn < 3000 && outcomes().length === 0; turn++) await sleep(10);
  t.deepEqual(outcomes(), ['timed_out']);
});

for (const [how, serve, timeout] of [
  ['in a head that says all', ending(4), '10S'],
  ['behind a head', answering(4), '10S'],
  ['by a reset', cancelling, '3S'],
] as const) {
  test(`A server that keeps the time of its caller ${how} is not left out; one that has a time of its own is`, async (t) => {
    const policy = { outlierFailures: 1 };
    const kept = await setUpRPCs(t, [afterFirst(serve), afterFirst(serve)], {}, { policy });
    await Promise.all([kept.ask(), kept.ask()]);
    await Promise.all(Array.from({ length: 20 }, () => kept.ask({ 'grpc-timeout': timeout })));
    t.true([...kept.sidecar.registry.given].every(({ outlier }) => outlier.state === 'In'));
    const own = await setUpRPCs(t, [serve, serve], {}, { policy });
    await Promise.all(Array.from({ length: 20 }, () => own.ask()));
    t.true([...own.sidecar.registry.given].some(({ outlier }) => outlier.state === 'Ejected'));
  });
}
