import test, { type ExecutionContext } from 'ava';
import { dataOf, RequestReader, startBackend, startOkBackend } from '../backend.ts';
import type { Filter } from '../../../routing/model.ts';
import { backendSample, matchSample, prefix, routeSample } from '../../routing/samples.ts';
import { undisturbed } from '../../undisturbed.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const notProcessed = 'HTTP/1.1 503 Service Unavailable\r\nheddle-resend: any\r\nContent-Length: 4\r\n\r\ngone';

function post(body: string, framing = `Content-Length: ${body.length}`): string {
  return `POST /a HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n${body}`;
}

/** A client of a Service with these endpoints; of those that never failed the first is picked. Nobody listens at 1 to 4. */
async function to(t: ExecutionContext, ...ports: readonly number[]): Promise<{ sidecar: Sidecar; peer: Peer }> {
  const sidecar = setUp(t, { random: () => 0 });
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', ...ports.map((port) => readyEndpoint(port))));
  return { sidecar, peer: await connect(await sidecar.service()) };
}

const requests = {
  'a GET': { request: get, body: '' },
  'a POST with a body': { request: post('b'.repeat(50)), body: 'b'.repeat(50) },
  'a POST with a long body': { request: post('c'.repeat(300_000)), body: 'c'.repeat(300_000) },
  'a POST with a chunked body and trailers': {
    request: post('3\r\nabc\r\n2\r\nde\r\n0\r\nx-sum: 1\r\n\r\n', 'Transfer-Encoding: chunked'),
    body: 'abcde',
  },
};

for (const [title, { request, body }] of Object.entries(requests)) {
  test(`${title} goes to a third endpoint when two refuse`, async (t) => {
    const backend = await startOkBackend(t);
    const { sidecar, peer } = await to(t, 1, 2, backend.port);
    peer.write(request);
    await peer.sees('ok');
    t.is(peer.text, ok);
    t.deepEqual(backend.requests.map(dataOf), [body]);
    t.deepEqual(backend.problems, []);
    const [entry] = await sidecar.logged(1);
    t.like(entry, {
      endpoint: `127.0.0.1:${backend.port}`,
      attempts: 3,
      status: 200,
      bytesIn: body.length,
      flags: undefined,
    });
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('a route that says attempts: 0 has nothing sent to another endpoint', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { random: () => 0 });
  const retry = { attempts: 0, codes: [] };
  const rules = [{ index: 0, matches: [matchSample()], filters: [], backends: [backendSample()], retry }];
  sidecar.apply(
    routingSample({ routes: [{ ...routeSample([]), rules }] }),
    endpointsOf('cart', readyEndpoint(1), readyEndpoint(backend.port)),
  );
  const peer = await connect(await sidecar.service());
  peer.write(get);
  await peer.sees('heddle: 503');
  t.deepEqual(backend.requests, []);
  const [entry] = await sidecar.logged(1);
  t.like(entry, { attempts: undefined, status: 503, flags: 'UF' });
  t.regex(String(entry?.['reason']), /; not sent again: its route says attempts: 0$/);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('every attempt begins from what the client sent: filters apply once to each', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { random: () => 0 });
  const filters: Filter[] = [
    { type: 'RequestHeaderModifier', set: [], add: [{ name: 'Via-Rule', value: '1' }], remove: ['a'] },
    { type: 'URLRewrite', path: { type: 'ReplacePrefixMatch', value: '/new/' } },
  ];
  const matches = [matchSample({ path: prefix('/a') })];
  const rules = [{ index: 0, matches, filters, backends: [backendSample()] }];
  sidecar.apply(
    routingSample({ routes: [{ ...routeSample([]), rules }] }),
    endpointsOf('cart', readyEndpoint(1), readyEndpoint(2), readyEndpoint(backend.port)),
  );
  const peer = await connect(await sidecar.service());
  peer.write('GET /a/b HTTP/1.1\r\nHost: x\r\nA: 1\r\n\r\n');
  await peer.sees('ok');
  t.deepEqual(
    backend.requests.map(({ head }) => head),
    ['GET /new/b HTTP/1.1\r\nHost: x\r\nVia-Rule: 1\r\n\r\n'],
  );
  t.like((await sidecar.logged(1))[0], { attempts: 3, path: '/a/b', status: 200 });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an endpoint that refused is avoided while others are there', async (t) => {
  // For a second or so: a machine that stands still that long has the endpoint tried again.
  await undisturbed(t, 200, async (round) => {
    const backend = await startOkBackend(round);
    const { sidecar, peer } = await to(round, 1, backend.port);
    for (let turn = 1; turn <= 3; turn++) {
      peer.write(post('x'));
      await peer.until(({ text }) => text === ok.repeat(turn));
    }
    round.deepEqual(
      sidecar.entries.map(({ attempts }) => attempts),
      [2, undefined, undefined],
    );
  });
});

test('after three endpoints it is 503 with UF, and the last one is named', async (t) => {
  const backend = await startOkBackend(t);
  const { sidecar, peer } = await to(t, 1, 2, 3, backend.port);
  peer.write(post('x'));
  await peer.sees('HTTP/1.1 503 Service Unavailable\r\n');
  t.like((await sidecar.logged(1))[0], { endpoint: '127.0.0.1:3', attempts: 3, flags: 'UF' });
  t.deepEqual(backend.requests, []);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

/** Two endpoints, both with a connection that stands; of the POSTs, the first `count` are answered as not processed. */
async function toLeaving(t: ExecutionContext, count: number) {
  let left = count;
  const bodies: string[] = [];
  const serve = (peer: Peer): void => {
    const reader = new RequestReader();
    peer.socket.on('data', (data) => {
      reader.add((data as Buffer).toString('latin1'));
      for (const seen of reader.requests.splice(0)) {
        const refused = seen.head.startsWith('POST /go') && left-- > 0;
        if (!refused && seen.head.includes('/go')) bodies.push(dataOf(seen));
        peer.write(refused ? notProcessed : ok);
      }
    });
  };
  const backends = [await startBackend(t, serve), await startBackend(t, serve)] as const;
  const { sidecar, peer } = await to(t, backends[0].port, backends[1].port);
  for (let turn = 1; turn <= 2; turn++) {
    peer.write(get);
    await peer.until(({ text }) => text === ok.repeat(turn));
  }
  t.deepEqual(
    backends.map(({ peers }) => peers.length),
    [1, 1],
  );
  peer.text = '';
  sidecar.entries.length = 0;
  return { sidecar, peer, bodies };
}

for (const [title, { request, body }] of Object.entries(requests)) {
  const sent = request.replace(/^\w+ \/a/, 'POST /go');
  const kept = body.length < 16_384;
  test(`${title} that a sidecar did not process ${kept ? 'goes to another endpoint' : 'is 503: its body is gone'}`, async (t) => {
    const { sidecar, peer, bodies } = await toLeaving(t, 1);
    peer.write(sent);
    await peer.sees(kept ? 'ok' : 'gone');
    if (kept) t.is(peer.text, ok);
    t.deepEqual(bodies, kept ? [body] : []);
    t.notRegex(peer.text, /heddle-resend/);
    t.like((await sidecar.logged(1))[0], { attempts: kept ? 2 : undefined, status: kept ? 200 : 503 });
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('when no endpoint processes it the client gets the last answer, without the mark', async (t) => {
  const { sidecar, peer } = await toLeaving(t, 9);
  peer.write(post('x').replace('/a', '/go'));
  await peer.sees('gone');
  t.is(peer.text, 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\ngone');
  t.like((await sidecar.logged(1))[0], { attempts: 2, status: 503 });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [title, request, others] of [
  ['a GET', get, 1],
  ['a POST', post('x'), 0],
] as const) {
  test(`${title} whose fresh connection breaks is ${others > 0 ? 'sent to one other endpoint' : 'not sent again'}`, async (t) => {
    let broken = 0;
    const serve = (peer: Peer): void => void peer.socket.once('data', () => (broken++, peer.reset()));
    const backends = [await startBackend(t, serve), await startBackend(t, serve), await startBackend(t, serve)];
    const { sidecar, peer } = await to(t, ...backends.map(({ port }) => port));
    peer.write(request);
    await peer.sees('HTTP/1.1 503 Service Unavailable\r\n');
    t.is(broken, 1 + others);
    const [entry] = await sidecar.logged(1);
    t.like(entry, { flags: 'UC', attempts: others > 0 ? 2 : undefined });
    const why = others > 0 ? 'it was sent twice' : 'the endpoint may have acted on this POST';
    t.regex(String(entry?.['reason']), new RegExp(`; not sent again: ${why}$`));
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`${title} that a sidecar's application may have seen is ${others > 0 ? 'sent to one other endpoint' : 'not sent again'}`, async (t) => {
    const perhaps = await startOkBackend(t, notProcessed.replace('any', 'idempotent'));
    const { sidecar, peer } = await to(t, perhaps.port, await setUp(t).straight(perhaps.port, 'outbound'));
    peer.write(request);
    await peer.sees('gone');
    t.is(perhaps.requests.length, 1 + others);
    t.notRegex(peer.text, /heddle-resend/);
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('a sidecar marks what its application may have seen as idempotent at most', async (t) => {
  const app = await startBackend(t, (peer) => void peer.socket.once('data', () => peer.reset()));
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(app.port));
  peer.write(post('x'));
  await peer.sees('ECONNRESET');
  t.regex(peer.text, /^heddle-resend: idempotent\r$/m);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a sidecar marks what its application was not there for, and takes the mark from what it answers', async (t) => {
  const sidecar = setUp(t);
  const gone = await connect(await sidecar.straight(1));
  gone.write(post('x'));
  await gone.sees('ECONNREFUSED');
  t.regex(gone.text, /^HTTP\/1.1 503 Service Unavailable\r\n(.+\r\n)*heddle-resend: any\r\n/);
  const app = await startOkBackend(t, notProcessed);
  const lying = await connect(await sidecar.straight(app.port));
  lying.write(get);
  await lying.sees('gone');
  t.notRegex(lying.text, /heddle-resend/);
  gone.end();
  lying.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a caller without another endpoint is told without the mark', async (t) => {
  const { sidecar, peer } = await to(t, await setUp(t).straight(1));
  peer.write(get);
  await peer.sees('ECONNREFUSED');
  t.regex(peer.text, /^HTTP\/1.1 503 /);
  t.notRegex(peer.text, /heddle-resend/);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
