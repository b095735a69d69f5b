import { once } from 'node:events';
import http2 from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { EndpointPolicy, Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample, rpc } from '../../routing/samples.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { type Answer, askHttp2, connectHttp2, readAnswer, startHttp2Server } from './clients.ts';

const grpc = { 'content-type': 'application/grpc' };
const call = { ':method': 'POST', ':path': '/shop.Cart/Add', te: 'trailers', ...grpc };
const message = Buffer.from('\0\0\0\0\x01x', 'latin1');

/** What a server does with an RPC. */
type Serve = (stream: http2.ServerHttp2Stream, index: number) => void;

/** Ends an RPC with a head that says all. */
const ending =
  (status: number): Serve =>
  (stream) =>
    stream.respond({ ':status': 200, ...grpc, 'grpc-status': String(status) }, { endStream: true });

/** Answers with a message, and ends with this status in trailers. */
const answering =
  (status = 0): Serve =>
  (stream) => {
    stream.respond({ ':status': 200, ...grpc }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
    stream.end(message);
  };

/** Answers the first RPC, by which the connection is made, and does that with all others. */
const afterFirst =
  (then: Serve): Serve =>
  (stream, index) =>
    (index === 0 ? answering() : then)(stream, index);

/** A client of a Service with one rule of a GRPCRoute, and a server for each way to serve. */
async function setUpRPCs(
  t: ExecutionContext,
  servers: readonly Serve[],
  given: Partial<Rule> = {},
  { policy }: { readonly policy?: EndpointPolicy } = {},
) {
  const seen: http2.IncomingHttpHeaders[][] = [];
  const started = await Promise.all(
    servers.map((serve, at) => {
      const own: http2.IncomingHttpHeaders[] = [];
      seen[at] = own;
      return startHttp2Server(t, (stream, headers) => {
        own.push(headers);
        stream.resume();
        serve(stream, own.length - 1);
      });
    }),
  );
  const sidecar = setUp(t, { random: () => 0 });
  const target = { type: 'Endpoints', endpoints: 'shop/cart:80', protocol: 'http2' } as const;
  const matches = [matchSample({ path: rpc('Exact', 'shop.Cart') })];
  const rule = { index: 0, matches, filters: [], backends: [backendSample({ target })], ...given };
  const route = { ...routeSample([], { kind: 'GRPCRoute' }), rules: [rule] };
  const endpoints = endpointsOf('cart', ...started.map(({ port }) => readyEndpoint(port)));
  sidecar.apply(routingSample({ protocol: 'http2', routes: [route] }), {
    ...endpoints,
    ...(policy === undefined ? {} : { policy }),
  });
  const session = await connectHttp2(t, await sidecar.service());
  const ask = (headers: http2.OutgoingHttpHeaders = {}): Promise<Answer> =>
    askHttp2(session, { ...call, ...headers }, message);
  return { sidecar, session, ask, seen, started };
}

test('An RPC ends with the trailers of its server, and its line has their status by name', async (t) => {
  const { sidecar, ask } = await setUpRPCs(t, [answering(5)]);
  t.like(await ask(), { status: 200, body: message.toString('latin1'), trailers: { 'grpc-status': '5' } });
  t.like((await sidecar.logged(1))[0], {
    status: 200,
    route: 'GRPCRoute shop/cart',
    matched: 'service shop.Cart',
    grpcService: 'shop.Cart',
    grpcMethod: 'Add',
    grpcStatus: 'NOT_FOUND',
    level: 'info',
  });
});

test('An error of ours is one head that ends the stream', async (t) => {
  const { sidecar, session } = await setUpRPCs(t, []);
  const stream = session.request(call);
  const [headers, flags] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders, number];
  t.like(headers, { ':status': 200, ...grpc, 'grpc-status': '14', 'content-length': '0' });
  t.regex(String(headers['grpc-message']), /^heddle: shop\/cart:80 has no endpoints/);
  t.is(flags & http2.constants.NGHTTP2_FLAG_END_STREAM, http2.constants.NGHTTP2_FLAG_END_STREAM);
  t.like((await sidecar.logged(1))[0], { grpcStatus: 'UNAVAILABLE', flags: 'UH', level: 'warn' });
});

test('What no rule matches is UNIMPLEMENTED; who does not speak gRPC gets 404', async (t) => {
  const { sidecar, ask } = await setUpRPCs(t, [answering()]);
  t.like(await ask({ ':path': '/shop.Order/Place' }), { status: 200, body: '', headers: { 'grpc-status': '12' } });
  t.like(await ask({ ':path': '/shop.Order/Place', 'content-type': 'text/plain' }), { status: 404 });
  t.like((await sidecar.logged(2))[0], { grpcStatus: 'UNIMPLEMENTED', flags: 'NR' });
  t.is((await sidecar.logged(2))[1]?.['grpcStatus'], undefined);
});

test('A head that is too large is RESOURCE_EXHAUSTED', async (t) => {
  const { sidecar, ask } = await setUpRPCs(t, [answering()]);
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-${at}`, '1']));
  t.like(await ask(many), { status: 200, headers: { ...grpc, 'grpc-status': '8' } });
  t.like((await sidecar.logged(1))[0], { status: 431, flags: 'DPE' });
});

test('A response that breaks off ends with trailers that say so', async (t) => {
  const { sidecar, session } = await setUpRPCs(t, [
    (stream) => {
      stream.respond({ ':status': 200, ...grpc });
      stream.write(message, () => setTimeout(() => stream.session?.destroy(), 50));
    },
  ]);
  const stream = session.request(call);
  stream.end(message);
  const answer = await readAnswer(stream);
  t.like(answer, { body: message.toString('latin1'), trailers: { 'grpc-status': '14' } });
  t.regex(
    String(answer.trailers?.['grpc-message']),
    /^heddle: the endpoint closed the connection|^heddle: the connection to the endpoint broke/,
  );
  t.like((await sidecar.logged(1))[0], { grpcStatus: 'UNAVAILABLE', flags: 'UC' });
});

test('The details of a status pass whole, in a head or in trailers', async (t) => {
  const details = { 'grpc-status': '9', 'grpc-status-details-bin': 'A'.repeat(24_000) };
  const inHead = await setUpRPCs(t, [
    (stream) => stream.respond({ ':status': 200, ...grpc, ...details }, { endStream: true }),
  ]);
  t.like((await inHead.ask()).headers, details);
  const behind = await setUpRPCs(t, [
    (stream) => {
      stream.respond({ ':status': 200, ...grpc }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(details));
      stream.end(message);
    },
  ]);
  t.like((await behind.ask()).trailers, details);
});

test('A caller that goes has cancelled its RPC, and the server hears of it', async (t) => {
  const gone = Promise.withResolvers<number>();
  const { sidecar, session } = await setUpRPCs(t, [
    (stream) => {
      stream.respond({ ':status': 200, ...grpc });
      stream.write(message);
      stream.on('close', () => gone.resolve(stream.rstCode));
    },
  ]);
  const stream = session.request(call);
  stream.on('error', () => undefined);
  await once(stream, 'response');
  stream.close(http2.constants.NGHTTP2_CANCEL);
  t.is(await gone.promise, http2.constants.NGHTTP2_CANCEL);
  t.like((await sidecar.logged(1))[0], { grpcStatus: 'CANCELLED', flags: 'DC' });
});

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

for (const [how, serve] of [
  ['in a head that says all', ending(4)],
  ['behind a head', answering(4)],
] as const) {
  test(`A server that keeps the time of its caller ${how} is not left out; one that has a time of its own is`, async (t) => {
    const policy = { outlierFailures: 1 };
    const kept = await setUpRPCs(t, [serve, serve], {}, { policy });
    for (let turn = 0; turn < 20; turn++) await kept.ask({ 'grpc-timeout': '10S' });
    t.true([...kept.sidecar.registry.given].every(({ outlier }) => outlier.state === 'In'));
    const own = await setUpRPCs(t, [serve, serve], {}, { policy });
    for (let turn = 0; turn < 20; turn++) await own.ask();
    t.true([...own.sidecar.registry.given].some(({ outlier }) => outlier.state === 'Ejected'));
  });
}

for (const [how, serve] of [
  ['in a head that says all', ending(14)],
  ['behind a head', answering(14)],
] as const) {
  test(`An endpoint that answers UNAVAILABLE ${how} is left out like one that answers 503`, async (t) => {
    const { sidecar, ask } = await setUpRPCs(t, [serve, answering()], {}, { policy: { outlierFailures: 1 } });
    for (let turn = 0; turn < 20; turn++) await ask();
    t.deepEqual(
      [...sidecar.registry.given].map(({ outlier }) => outlier.state),
      ['Ejected', 'In'],
    );
  });
}

test('An endpoint that does not have a method is not left out', async (t) => {
  const { sidecar, ask } = await setUpRPCs(t, [ending(12), ending(12)]);
  for (let turn = 0; turn < 20; turn++) await ask();
  t.true([...sidecar.registry.given].every(({ outlier }) => outlier.state === 'In'));
});

/** Fails the first RPC with this status. */
const failingFirst =
  (status: number): Serve =>
  (stream, index) =>
    (index === 0 ? ending(status) : answering())(stream, index);

test('UNAVAILABLE is tried again where the rule has a retry, and only there', async (t) => {
  const without = await setUpRPCs(t, [failingFirst(14)]);
  t.like(await without.ask(), { headers: { 'grpc-status': '14' } });
  const { ask, sidecar } = await setUpRPCs(t, [failingFirst(14)], { retry: { attempts: 1, codes: [], backoffMs: 0 } });
  t.like(await ask(), { trailers: { 'grpc-status': '0' } });
  const [line] = await sidecar.logged(1);
  t.like(line, { attempts: 2, grpcStatus: 'OK' });
  t.regex(String(line?.['retriedAfter']), /: the endpoint answered UNAVAILABLE$/);
});

test('Of other statuses those are tried again whose HTTP status the rule names', async (t) => {
  const retry = { attempts: 1, codes: [429], backoffMs: 0 };
  t.like(await (await setUpRPCs(t, [failingFirst(8)], { retry })).ask(), { trailers: { 'grpc-status': '0' } });
  t.like(await (await setUpRPCs(t, [failingFirst(13)], { retry })).ask(), { headers: { 'grpc-status': '13' } });
});
