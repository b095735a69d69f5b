import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';
import { joinChunks, piecesOf } from './vectors/pieces.ts';
import { body } from './vectors/request/body.ts';
import { fields } from './vectors/request/fields.ts';
import { framing } from './vectors/request/framing.ts';
import { hopByHop } from './vectors/request/hopByHop.ts';
import { hosts } from './vectors/request/host.ts';
import { lines } from './vectors/request/lines.ts';
import { requestLine } from './vectors/request/requestLine.ts';
import { size } from './vectors/request/size.ts';
import type { RequestVector } from './vectors/requestVector.ts';

const vectors: readonly RequestVector[] = [framing, lines, fields, requestLine, hosts, size, hopByHop, body].flat();
const first = 'GET /first HTTP/1.1\r\nHost: x\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

// Inbound nothing is declared: what is not like a request there at first is no HTTP.
const ways = [
  ['outbound', 'whole', ''],
  ['outbound', 'in bytes', ''],
  ['outbound', 'whole', first],
  ['outbound', 'in bytes', first],
  ['inbound', 'whole', first],
  ['inbound', 'in bytes', first],
] as const;

for (const { title, send, status, sees } of vectors) {
  test(title, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(backend.port)));
    const ports = { outbound: await sidecar.service(), inbound: await sidecar.straight(backend.port) };
    for (const [direction, how, before] of ways) {
      const way = `${direction}, ${how}${before === '' ? '' : ', pipelined'}`;
      const bytes = how === 'whole' ? before + send : [before, ...piecesOf(send)].filter((piece) => piece !== '');
      const answer = await ask(ports[direction], bytes);
      t.true(before === '' || answer.startsWith(ok), way);
      const verdict = before === '' ? answer : answer.slice(ok.length);
      t.is(verdict.slice(0, 12), `HTTP/1.1 ${status}`, way);
      t.is(verdict.split(/^HTTP\/1.1 /m).length, 2, `${way}: one response`);
      const seen = backend.requests.splice(0).map((request) => joinChunks(request.head + request.body));
      t.deepEqual(seen, [before, sees ?? ''].filter(Boolean).map(joinChunks), way);
      t.deepEqual(backend.problems.splice(0), [], way);
      await sidecar.logged(before === '' ? 1 : 2);
      const entry = sidecar.entries.splice(0).at(-1);
      t.is(entry?.['status'], status, way);
      t.is(entry?.['flags'], status === 200 ? undefined : 'DPE', way);
    }
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('the table holds 600 requests, no two of one title', (t) => {
  t.true(vectors.length >= 600, `${vectors.length}`);
  t.is(new Set(vectors.map(({ title }) => title)).size, vectors.length);
});
