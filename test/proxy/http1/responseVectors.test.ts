import test from 'ava';
import { startBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';
import { joinChunks, piecesOf } from './vectors/pieces.ts';
import { body } from './vectors/response/body.ts';
import { fields } from './vectors/response/fields.ts';
import { malformed } from './vectors/response/malformed.ts';
import { wellFormed } from './vectors/response/wellFormed.ts';
import type { ResponseVector } from './vectors/responseVector.ts';

const vectors: readonly ResponseVector[] = [malformed, wellFormed, fields, body].flat();
const first = 'GET /first HTTP/1.1\r\nHost: x\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const ways = [
  ['outbound', 'whole', 'fresh'],
  ['outbound', 'in bytes', 'fresh'],
  ['inbound', 'whole', 'fresh'],
  ['inbound', 'in bytes', 'fresh'],
  // Behind a good response on the same connections of both sides.
  ['outbound', 'whole', 'behind'],
  ['inbound', 'in bytes', 'behind'],
] as const;

/** Answers what is asked first with ok, then this request with its reply. */
async function serve(peer: Peer, { reply, request, stays }: ResponseVector, how: 'whole' | 'in bytes'): Promise<void> {
  const line = request.split(' HTTP')[0] ?? '';
  if (await Promise.race([peer.sees('/first').then(() => true), peer.sees(`${line} `).then(() => false)]))
    peer.write(ok);
  await peer.sees(`${line} `);
  for (const piece of how === 'whole' ? [reply] : piecesOf(reply)) {
    peer.write(piece);
    if (how === 'in bytes') await new Promise((resolve) => setImmediate(resolve));
  }
  if (!stays) peer.end();
}

for (const vector of vectors) {
  const { title, request, gets } = vector;
  test(title, async (t) => {
    for (const [direction, how, place] of ways) {
      const way = `${direction}, ${how}, ${place}`;
      const sidecar = setUp(t);
      const backend = await startBackend(t, (peer) => void serve(peer, vector, how).catch(() => undefined));
      const client = await connect(await sidecar.straight(backend.port, direction));
      if (place === 'behind') {
        client.write(first);
        await client.until(({ text }) => text === ok);
        client.text = '';
      }
      client.write(request);
      client.end();
      await client.over();
      const text = client.text.replaceAll('HTTP/1.1 102 Processing\r\n\r\n', '');
      const entry = (await sidecar.logged(place === 'behind' ? 2 : 1)).at(-1);
      if (gets === undefined) {
        if (how === 'whole' || !text.startsWith('HTTP/1.1 200'))
          t.regex(text, /^(?:HTTP\/1.1 103 .*\r\n(?:.+\r\n)*\r\n)*HTTP\/1.1 502 /, way);
        else t.is(client.ended, 'reset', way);
        t.is(entry?.['flags'], 'UPE', way);
        t.is(backend.peers.length, 1, way);
      } else {
        const expected = gets.replaceAll('HTTP/1.1 102 X\r\n\r\n', '').replace('HTTP/1.1 102 Processing\r\n\r\n', '');
        t.is(joinChunks(text.replaceAll('HTTP/1.1 102 X\r\n\r\n', '')), joinChunks(expected), way);
        t.is(client.ended, 'fin', way);
        t.is(entry?.['flags'], undefined, way);
      }
      client.socket.destroy();
      t.deepEqual(await sidecar.leftovers(), [], way);
    }
  });
}

test('the table holds 220 responses, no two of one title', (t) => {
  t.true(vectors.length >= 220, `${vectors.length}`);
  t.is(new Set(vectors.map(({ title }) => title)).size, vectors.length);
});
