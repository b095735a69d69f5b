import test from 'ava';
import { startHttp2Server } from './clients.ts';
import { seededRandom } from '../random.ts';
import { setUp } from '../harness.ts';
import { connect } from '../peer.ts';
import {
  both,
  data,
  endHeaders,
  endStream,
  frame,
  getBlock,
  headers,
  literal,
  ping,
  postBlock,
  rstStream,
  setting,
  settings,
  start,
  uint32,
  windowUpdate,
} from './raw.ts';

const sequences: readonly Buffer[] = [
  Buffer.concat([start, frame(headers, both, 1, getBlock), frame(headers, both, 3, getBlock)]),
  Buffer.concat([
    start,
    frame(headers, endHeaders, 1, postBlock),
    frame(data, 0, 1, 'hello'),
    frame(data, 8, 1, Buffer.from([2, 97, 0, 0])),
    frame(headers, both, 1, literal('x-sum', '5')),
  ]),
  Buffer.concat([
    start,
    frame(settings, 0, 0, Buffer.concat([setting(4, 10), setting(5, 20_000), setting(1, 100)])),
    frame(headers, 0, 1, postBlock),
    frame(9, endHeaders, 1, literal('content-length', '4')),
    frame(data, endStream, 1, 'four'),
    frame(windowUpdate, 0, 1, uint32(1000)),
    frame(windowUpdate, 0, 0, uint32(1000)),
    frame(ping, 0, 0, Buffer.alloc(8)),
    frame(headers, both, 3, getBlock),
    frame(rstStream, 0, 3, uint32(8)),
  ]),
];

test('whatever bytes come, nothing is left behind and the next client is served', async (t) => {
  const server = await startHttp2Server(t, (stream) => {
    stream.resume();
    stream.on('end', () => {
      if (stream.destroyed) return;
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
  });
  const sidecar = setUp(t);
  const port = await sidecar.straight(server.port);
  const random = seededRandom(20_261_128);
  const pick = (below: number): number => Math.floor(random() * below);
  for (let round = 0; round < 60; round++) {
    await Promise.all(
      Array.from({ length: 25 }, async () => {
        const bytes = Buffer.from(sequences[pick(sequences.length)] ?? start);
        for (let changes = 1 + pick(3); changes > 0; changes--) bytes[24 + pick(bytes.length - 24)] = pick(256);
        const peer = await connect(port);
        const cut = pick(bytes.length);
        peer.write(bytes.subarray(0, cut));
        peer.write(bytes.subarray(cut));
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (pick(2) === 0) peer.end();
        peer.socket.destroy();
      }),
    );
  }
  const peer = await connect(port);
  peer.write(Buffer.concat([start, frame(headers, both, 1, getBlock)]));
  await peer.sees('ok');
  peer.end();
  peer.socket.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});
