import { once } from 'node:events';
import http2 from 'node:http2';
import test from 'ava';
import { readAnswer } from './clients.ts';
import { answering, call, ending, grpc, message, type Serve, setUpRPCs } from './serveRPCs.ts';

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
