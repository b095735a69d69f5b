import test from 'ava';
import { undisturbed } from '../../undisturbed.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { seededRandom } from '../random.ts';
import { busy, get, ok, retrying, ruled } from './ruled.ts';

test('in an outage retries stay within the budget, and the line says why there is none', async (t) => {
  const backend = await startOkBackend(t, busy);
  const { sidecar, client } = await ruled(t, retrying({ attempts: 3 }), [backend.port]);
  for (let turn = 1; turn <= 200; turn++) {
    client.write(get);
    await sidecar.logged(turn);
  }
  const retries = backend.requests.length - 200;
  // More only if it takes longer than ten seconds.
  t.true(retries >= 140 && retries <= 240, `${retries}`);
  const last = sidecar.entries.at(-1);
  t.is(last?.['reason'], 'the endpoint answered 503; not sent again: the retry budget of its backend is spent');
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('what is sent again without a retry of the rule has the same budget', async (t) => {
  const { sidecar, client } = await ruled(t, {}, [1, 2], { random: seededRandom(2) });
  for (let turn = 1; turn <= 200; turn++) {
    client.write(get);
    await sidecar.logged(turn);
  }
  const retried = sidecar.entries.filter(({ attempts }) => attempts === 2).length;
  t.true(retried >= 140 && retried < 200, `${retried}`);
  t.regex(
    String(sidecar.entries.at(-1)?.['reason']),
    /ECONNREFUSED; not sent again: the retry budget of its backend is spent$/,
  );
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('one of five endpoints hangs: no request fails, and it is hardly asked', async (t) => {
  await undisturbed(t, 100, async (round) => {
    const hangs = await startBackend(round, () => undefined);
    const good = [1, 2, 3, 4].map(() => startOkBackend(round));
    const ports = [hangs.port, ...(await Promise.all(good)).map(({ port }) => port)];
    const rule = { timeouts: { backendRequestMs: 300 }, ...retrying() };
    const { sidecar, client } = await ruled(round, rule, ports, { random: seededRandom(7) });
    for (let turn = 1; turn <= 300; turn++) {
      client.write(get);
      await client.until(({ text }) => text === ok.repeat(turn));
    }
    round.true(hangs.peers.length >= 1 && hangs.peers.length <= 2, `${hangs.peers.length}`);
    round.is(sidecar.entries.filter(({ attempts }) => attempts !== undefined).length, hangs.peers.length);
    client.end();
    round.deepEqual(await sidecar.leftovers(), []);
  });
});
