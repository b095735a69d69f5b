import test, { type ExecutionContext } from 'ava';
import { drain } from '../../../sidecar/shutdown.ts';
import { dataOf, startBackend, startOkBackend } from '../backend.ts';
import { seededRandom } from '../random.ts';
import { answering, busy, get, hour, ok, post, retrying, ruled } from './ruled.ts';

test('a try that takes too long is made again elsewhere, all of them within the request timeout', async (t) => {
  const hangs = await startBackend(t, () => undefined);
  const healthy = await startOkBackend(t);
  const rule = { timeouts: { requestMs: hour, backendRequestMs: 1500 }, ...retrying({ codes: [] }) };
  const { sidecar, client } = await ruled(t, rule, [hangs.port, healthy.port]);
  client.write(get);
  await client.sees('ok');
  t.is(await (await hangs.peer(0)).over(), 'reset');
  const late = 'the response of the endpoint was not complete within timeouts.backendRequest of its rule, 1500ms';
  const retriedAfter = `127.0.0.1:${hangs.port}: ${late}`;
  t.like((await sidecar.logged(1))[0], { status: 200, attempts: 2, retriedAfter, flags: undefined });
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('when every try takes too long the request timeout ends it', async (t) => {
  const hangs = await startBackend(t, () => undefined);
  const rule = { timeouts: { requestMs: 5000, backendRequestMs: 500 }, ...retrying({ attempts: 1000 }) };
  const { sidecar, client } = await ruled(t, rule, [hangs.port]);
  client.write(get);
  await client.sees('heddle: 504');
  const [entry] = await sidecar.logged(1);
  t.like(entry, { status: 504, flags: 'UT' });
  t.regex(String(entry?.['reason']), /within timeouts.request of its rule, 5s$/);
  t.true(Number(entry?.['attempts']) >= 2 && Number(entry?.['attempts']) <= 10, `${entry?.['attempts']}`);
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [title, method, codes, sent] of [
  ['a POST that took too long is not sent again', 'POST', [503], 1],
  ['a POST that took too long is sent again where 504 is named', 'POST', [504], 2],
  ['a PUT that took too long is sent again', 'PUT', [], 2],
] as const) {
  test(title, async (t) => {
    const hangs = [await startBackend(t, () => undefined), await startBackend(t, () => undefined)] as const;
    const rule = { timeouts: { backendRequestMs: 1500 }, ...retrying({ codes }) };
    const { sidecar, client } = await ruled(t, rule, [hangs[0].port, hangs[1].port]);
    client.write(post('x').replace('POST', method));
    await client.sees('heddle: 504');
    t.is(hangs[0].peers.length + hangs[1].peers.length, sent);
    const [entry] = await sidecar.logged(1);
    const why = sent === 1 ? 'the endpoint may have acted on this POST' : 'its route says attempts: 1';
    t.regex(String(entry?.['reason']), new RegExp(`, 1500ms; not sent again: ${why}$`));
    client.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('each try goes to another endpoint while there is one', async (t) => {
  const backends = await Promise.all([busy, busy, busy].map((answer) => answering(t, answer, answer)));
  const ports = backends.map(({ port }) => port);
  const { sidecar, client } = await ruled(t, retrying({ attempts: 3 }), ports, { random: seededRandom(1) });
  client.write(get);
  await client.sees('busy');
  t.deepEqual(
    backends.map(({ requests }) => requests.length).toSorted((one, other) => one - other),
    [1, 1, 2],
  );
  t.like((await sidecar.logged(1))[0], { attempts: 4, status: 503 });
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('when the tries are used up the last response is passed on as it is, and the line says so', async (t) => {
  const backend = await answering(t, busy.replace('busy', 'one!'), busy);
  const { sidecar, client } = await ruled(t, retrying(), [backend.port]);
  client.write(get);
  await client.sees('busy');
  t.is(client.text, busy);
  const reason = 'the endpoint answered 503; not sent again: its route says attempts: 1';
  const retriedAfter = `127.0.0.1:${backend.port}: the endpoint answered 503`;
  t.like((await sidecar.logged(1))[0], { status: 503, attempts: 2, retriedAfter, reason, flags: undefined });
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a request counts once, however often it is sent', async (t) => {
  const backend = await answering(t, busy, busy);
  const { sidecar, client } = await ruled(t, retrying({ attempts: 2 }), [backend.port]);
  client.write(get);
  await client.sees('ok');
  await sidecar.logged(1);
  const { body } = await sidecar.metrics.render();
  const counted = String(body)
    .split('\n')
    .filter((line) => line.startsWith('outbound_http_route_backend_response_statuses_total'));
  t.is(counted.length, 1);
  t.regex(counted[0] ?? '', /http_status="200".* 1$/);
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

const long = 'b'.repeat(65_536);
const bodies: readonly (readonly [string, string, string | undefined])[] = [
  ['without a body', 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', ''],
  ['with 64 KiB', post(long), long],
  ['with one byte more', post(`${long}b`), undefined],
  [
    'in chunks, with trailers',
    post('3\r\nabc\r\n2\r\nde\r\n0\r\nx-sum: 1\r\n\r\n', 'Transfer-Encoding: chunked'),
    'abcde',
  ],
  ['in chunks of more than 64 KiB', post(`10001\r\n${long}b\r\n0\r\n\r\n`, 'Transfer-Encoding: chunked'), undefined],
];
for (const [title, request, body] of bodies) {
  test(`a POST ${title} is ${body === undefined ? 'not sent again, and the line says why' : 'sent again whole'}`, async (t) => {
    const backend = await answering(t, busy);
    const { sidecar, client } = await ruled(t, retrying(), [backend.port]);
    client.write(request);
    await client.sees(body === undefined ? 'busy' : 'ok');
    if (body !== undefined) t.deepEqual(backend.requests.map(dataOf), [body, body]);
    const reason =
      body === undefined
        ? 'the endpoint answered 503; not sent again: its body is longer than what is kept'
        : undefined;
    t.like((await sidecar.logged(1))[0], { status: body === undefined ? 503 : 200, reason });
    client.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('a POST that is refused before all of it has come goes on at the next endpoint', async (t) => {
  const early = await startBackend(t, (peer) => void peer.socket.once('data', () => peer.write(busy)));
  const next = await answering(t);
  const { sidecar, client } = await ruled(t, retrying(), [early.port, next.port]);
  client.write(`${post('', 'Content-Length: 10')}12345`);
  await next.peer(0);
  client.write('67890');
  await client.sees('ok');
  t.deepEqual(next.requests.map(dataOf), ['1234567890']);
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a long response that is thrown away takes its connection along', async (t) => {
  const flood = `HTTP/1.1 503 X\r\nContent-Length: 99999\r\n\r\n${'x'.repeat(5000)}`;
  const backend = await startBackend(
    t,
    (peer, index) => void peer.socket.once('data', () => peer.write(index === 0 ? flood : ok)),
  );
  const { sidecar, client } = await ruled(t, retrying(), [backend.port]);
  client.write(get);
  await client.sees('ok');
  t.is(client.text, ok);
  t.is(await (await backend.peer(0)).over(), 'reset');
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('so does one that does not end', async (t) => {
  const half = 'HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nhalf';
  const backend = await startBackend(
    t,
    (peer, index) => void peer.socket.once('data', () => peer.write(index === 0 ? half : ok)),
  );
  const { sidecar, client } = await ruled(t, retrying(), [backend.port]);
  client.write(get);
  await client.sees('ok');
  t.is(await (await backend.peer(0)).over(), 'reset');
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a POST that broke off is not sent again, whatever the rule says', async (t) => {
  const backend = await startBackend(t, (peer) => void peer.socket.once('data', () => peer.reset()));
  const { sidecar, client } = await ruled(t, retrying({ attempts: 5 }), [backend.port]);
  client.write(post('x'));
  await client.sees('heddle: 503');
  t.is(backend.peers.length, 1);
  t.regex(
    String((await sidecar.logged(1))[0]?.['reason']),
    /; not sent again: the endpoint may have acted on this POST$/,
  );
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a GET that broke off is sent again as often as the rule says', async (t) => {
  const backend = await startBackend(
    t,
    (peer, index) => void peer.socket.once('data', () => (index < 3 ? peer.reset() : peer.write(ok))),
  );
  const { sidecar, client } = await ruled(t, retrying({ attempts: 3 }), [backend.port]);
  client.write(get);
  await client.sees('ok');
  t.like((await sidecar.logged(1))[0], { attempts: 4, status: 200 });
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

/** A request that waits an hour for its second try. */
async function waiting(t: ExecutionContext, requestMs: number) {
  const backend = await answering(t, busy);
  const rule = { timeouts: { requestMs }, ...retrying({ backoffMs: hour }) };
  const made = await ruled(t, rule, [backend.port], { random: () => 0.5 });
  made.client.write(get);
  while (backend.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  return { ...made, backend };
}

test('a wait for the next try is no lack of progress, and blames nobody', async (t) => {
  const backend = await answering(t, busy);
  const rule = retrying({ backoffMs: 3000 });
  const options = { random: () => 0.5, limits: { progressTimeoutMs: 1000 } };
  const { sidecar, client } = await ruled(t, rule, [backend.port], options);
  client.write(get);
  await client.sees('ok');
  t.like((await sidecar.logged(1))[0], { status: 200, attempts: 2, flags: undefined });
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a body that is kept counts among what waits', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const { sidecar, client } = await ruled(t, retrying(), [backend.port]);
  client.write(post('b'.repeat(60_000)));
  await (await backend.peer(0)).receives(60_000);
  const [connection] = sidecar.engine.connections;
  t.true((connection?.served.held ?? 0) >= 60_000);
  client.socket.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that goes away ends the wait for the next try', async (t) => {
  const { sidecar, client, backend } = await waiting(t, hour);
  client.reset();
  t.like((await sidecar.logged(1))[0], { status: 499, flags: 'DC', attempts: undefined });
  t.is(backend.requests.length, 1);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('the request timeout ends the wait for the next try', async (t) => {
  const { sidecar, client, backend } = await waiting(t, 1500);
  await client.sees('heddle: 504');
  const reason = 'it was about to be sent again within timeouts.request of its rule, 1500ms';
  t.like((await sidecar.logged(1))[0], { status: 504, flags: 'UT', reason });
  t.is(backend.requests.length, 1);
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a sidecar that shuts down ends the wait for the next try when its grace period is over', async (t) => {
  const { sidecar, client, backend } = await waiting(t, hour);
  await drain({ ...sidecar.draining, graceMs: 50 });
  await client.over();
  t.like((await sidecar.logged(1))[0], { flags: 'DC' });
  t.is(backend.requests.length, 1);
  t.deepEqual(await sidecar.leftovers(), []);
});
