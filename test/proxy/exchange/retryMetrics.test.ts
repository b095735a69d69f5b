import test from 'ava';
import { startBackend, startOkBackend } from '../backend.ts';
import type { Sidecar } from '../harness.ts';
import { answering, busy, get, hour, ok, post, retrying, ruled } from './ruled.ts';

/** What is counted of retries, as `metric reason outcome count`; nothing that is 0. */
function counted({ metrics }: Sidecar): readonly string[] {
  const families = metrics.http.families.filter(({ name }) => name.startsWith('outbound_http_route_retry_'));
  return families.flatMap(({ name, read }) =>
    [...read()]
      .filter(({ value }) => value > 0)
      .map(({ labels: { reason = '', outcome = '' }, value }) =>
        [name.slice('outbound_http_route_retry_'.length, -'_total'.length), reason, outcome, value]
          .filter((part) => part !== '')
          .join(' '),
      ),
  );
}

test('a request that is never sent again has no series', async (t) => {
  const backend = await startOkBackend(t);
  const { sidecar, client } = await ruled(t, retrying(), [backend.port]);
  client.write(get);
  await client.sees('ok');
  await sidecar.logged(1);
  const families = sidecar.metrics.http.families.filter(({ name }) => name.includes('_retry_'));
  t.is(families.length, 3);
  t.deepEqual(
    families.flatMap(({ read }) => Array.from(read())),
    [],
  );
});

test('a further try is counted by route, rule and backend, by what it follows and what comes of it', async (t) => {
  const backend = await answering(t, busy, busy, ok);
  const { sidecar, client } = await ruled(t, retrying({ attempts: 3 }), [backend.port]);
  client.write(get);
  await client.sees('ok');
  await sidecar.logged(1);
  t.deepEqual(counted(sidecar), ['requests status failed 1', 'requests status answered 1']);
  const family = sidecar.metrics.http.families.find(({ name }) => name.endsWith('_retry_requests_total'));
  t.like([...(family?.read() ?? [])][0]?.labels, {
    parent_name: 'cart',
    route_kind: 'HTTPRoute',
    rule: '0',
    backend_name: 'cart',
  });
  client.write(get);
  await sidecar.logged(2);
  t.deepEqual(counted(sidecar), ['requests status failed 1', 'requests status answered 1'], 'no more than there were');
});

test('when the tries are used up the last one has failed, and the limit is counted', async (t) => {
  const backend = await answering(t, busy, busy);
  const { sidecar, client } = await ruled(t, retrying(), [backend.port]);
  client.write(get);
  await client.sees('busy');
  await sidecar.logged(1);
  t.deepEqual(counted(sidecar), ['requests status failed 1', 'limit_exceeded 1']);
});

test('where a rule has no tries, none are used up', async (t) => {
  const backend = await answering(t, busy);
  const { sidecar, client } = await ruled(t, retrying({ attempts: 0 }), [backend.port]);
  client.write(get);
  await client.sees('busy');
  await sidecar.logged(1);
  t.deepEqual(counted(sidecar), []);
});

test('what an endpoint that refuses connections had is sent to another, also without a retry of the rule', async (t) => {
  const backend = await startOkBackend(t);
  const { sidecar, client } = await ruled(t, {}, [1, backend.port]);
  client.write(post('x'));
  await client.sees('ok');
  await sidecar.logged(1);
  t.deepEqual(counted(sidecar), ['requests connect_failure answered 1']);
});

test('a connection that broke, and a try that took too long', async (t) => {
  const breaks = await startBackend(t, ({ socket }) => socket.on('data', () => socket.resetAndDestroy()));
  const hangs = await startBackend(t, () => undefined);
  const backend = await startOkBackend(t);
  const rule = { timeouts: { requestMs: hour, backendRequestMs: 1500 }, ...retrying({ attempts: 2, codes: [] }) };
  const { sidecar, client } = await ruled(t, rule, [breaks.port, hangs.port, backend.port]);
  client.write(get);
  await client.sees('ok');
  await sidecar.logged(1);
  t.deepEqual(counted(sidecar), ['requests reset failed 1', 'requests timeout answered 1']);
});

test('a client that leaves during a further try abandons it', async (t) => {
  const first = await answering(t, busy);
  const hangs = await startBackend(t, () => undefined);
  const { sidecar, client } = await ruled(t, retrying(), [first.port, hangs.port]);
  client.write(get);
  const peer = await hangs.peer(0);
  await peer.sees('GET /a');
  client.socket.resetAndDestroy();
  t.like((await sidecar.logged(1))[0], { flags: 'DC', attempts: 2 });
  t.deepEqual(counted(sidecar), ['requests status abandoned 1']);
});

test('a client that leaves while the next try is waited for abandons none', async (t) => {
  const backend = await answering(t, busy);
  const { sidecar, client } = await ruled(t, retrying({ backoffMs: hour }), [backend.port], { random: () => 0.9 });
  client.write(get);
  while (backend.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  client.socket.resetAndDestroy();
  t.like((await sidecar.logged(1))[0], { flags: 'DC' });
  t.deepEqual(counted(sidecar), []);
});

test('a response that breaks off is a try that failed', async (t) => {
  let requests = 0;
  const cut = await startBackend(t, ({ socket }) => {
    socket.on('data', () => {
      requests += 1;
      if (requests === 1) socket.write(busy);
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    });
  });
  const { sidecar, client } = await ruled(t, retrying(), [cut.port]);
  client.write(get);
  t.like((await sidecar.logged(1))[0], { flags: 'UC', attempts: 2 });
  t.deepEqual(counted(sidecar), ['requests status failed 1']);
});

test('what the budget forbids is counted, and no try with it', async (t) => {
  const backend = await startOkBackend(t, busy);
  const { sidecar, client } = await ruled(t, retrying({ attempts: 3 }), [backend.port]);
  for (let turn = 1; turn <= 200; turn++) {
    client.write(get);
    await sidecar.logged(turn);
  }
  const overflowed = sidecar.entries.filter(({ reason }) => String(reason).endsWith('budget of its backend is spent'));
  const exceeded = sidecar.entries.filter(({ reason }) => String(reason).endsWith('its route says attempts: 3'));
  t.true(overflowed.length > 0 && exceeded.length > 0);
  t.deepEqual(counted(sidecar), [
    `requests status failed ${backend.requests.length - 200}`,
    `limit_exceeded ${exceeded.length}`,
    `overflow ${overflowed.length}`,
  ]);
});
