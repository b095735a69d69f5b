import test from 'ava';
import { setUp } from '../harness.ts';
import { startHttp2Server } from './clients.ts';
import { Inflater } from './hpack/nghttp2.ts';
import { both, connectRaw, frame, getBlock, headers, seesFrame, setting, settings } from './raw.ts';

const headerTableSize = 1;

test('RFC 7541 section 4.2: a table that a peer makes empty and large again is told of both', async (t) => {
  const server = await startHttp2Server(t, (stream) => {
    stream.respond({ ':status': 200, 'x-a': 'b' });
    stream.end();
  });
  const sidecar = setUp(t);
  const peer = await connectRaw(t, await sidecar.straight(server.port));
  const inflater = new Inflater();
  t.teardown(() => inflater.free());
  const answer = async (id: number): Promise<Buffer> => {
    peer.write(frame(headers, both, id, getBlock));
    return (await seesFrame(peer, (one) => one.id === id && one.type === headers)).payload;
  };
  t.true(inflater.decode(await answer(1)).fields.some(([name, value]) => name === 'x-a' && value === 'b'));
  // Each value of a frame counts, also where the last one restores what was.
  peer.write(frame(settings, 0, 0, Buffer.concat([setting(headerTableSize, 0), setting(headerTableSize, 4096)])));
  const block = await answer(3);
  t.is(block.toString('hex', 0, 4), '203fe11f');
  const { fields, problem } = inflater.decode(block);
  t.is(problem, undefined);
  t.true(fields.some(([name, value]) => name === 'x-a' && value === 'b'));
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
