import test, { type ExecutionContext } from 'ava';
import type { Retry } from '../../../routing/model.ts';
import { startOkBackend } from '../backend.ts';
import { seededRandom } from '../random.ts';
import { answering, get, ok, post, ruled } from './ruled.ts';

/** As the server of the Gateway API's suite: fails `succeedAfter` times with this status, for one request. */
function simulated(t: ExecutionContext, status: number, succeedAfter: number) {
  const failure = `HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`;
  return answering(t, ...Array.from({ length: succeedAfter }, () => failure));
}

const only500 = { attempts: 3, codes: [500] };
const all = { attempts: 2, codes: [500, 502, 503, 504] };
// HTTPRouteRetry, with what the server sees of it; v1.7 has the same as HTTPRouteRetryCodes.
const suite: readonly (readonly [string, Partial<Retry>, number, number, number])[] = [
  ['succeeds after 2 retries on 500 of 3', only500, 500, 2, 200],
  ['succeeds after 3 retries on 500 of 3', only500, 500, 3, 200],
  ['fails when 500 needs more than 3', only500, 500, 4, 500],
  ['does not retry on 503 when only 500 is named', only500, 503, 2, 503],
  ...[500, 502, 503, 504].flatMap((status) => [
    [`succeeds after 1 retry on ${status} of 2`, all, status, 1, 200] as const,
    [`fails when ${status} needs more than 2`, all, status, 3, status] as const,
  ]),
];

for (const backoffMs of [0, undefined]) {
  for (const [title, { attempts = 0, codes = [] }, status, succeedAfter, expected] of suite) {
    test(`${title}${backoffMs === undefined ? ', after a while' : ''}`, async (t) => {
      const backend = await simulated(t, status, succeedAfter);
      const retry: Retry = { attempts, codes, ...(backoffMs !== undefined && { backoffMs }) };
      const { sidecar, client } = await ruled(t, { retry }, [backend.port], { random: () => 0.5 });
      client.write(get);
      await client.sees('\r\n\r\n');
      t.is(client.text.slice(9, 12), String(expected));
      const asked = codes.includes(status) ? Math.min(attempts, succeedAfter) + 1 : 1;
      t.is(backend.requests.length, asked);
      // At once, the connection is still busy with what is thrown away.
      t.true(backend.peers.length <= (backoffMs === undefined ? 1 : 2));
      t.like((await sidecar.logged(1))[0], { status: expected, attempts: asked === 1 ? undefined : asked });
      client.end();
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}

test('HTTPRouteRetryConnectionError: every request finds the endpoint that listens', async (t) => {
  const healthy = await startOkBackend(t);
  const rule = { retry: { attempts: 100, codes: [] } };
  const { sidecar, client } = await ruled(t, rule, [1, healthy.port], { random: seededRandom(4) });
  for (let turn = 1; turn <= 10; turn++) {
    client.write(post('x'));
    await client.until(({ text }) => text === ok.repeat(turn));
  }
  client.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
