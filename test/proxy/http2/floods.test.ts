import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { ErrorName } from '../../../proxy/http2/protocol.ts';
import { startBackend } from '../backend.ts';
import type { Peer } from '../peer.ts';
import { askHttp2, connectHttp2 } from './clients.ts';
import { setUpFlooded } from './flooded.ts';
import {
  both,
  codeOf,
  connectRaw,
  continuation,
  data,
  emptySettings,
  endHeaders,
  endStream,
  frame,
  framesOf,
  getBlock,
  goaway,
  headers,
  literal,
  open,
  ping,
  postBlock,
  priority,
  rstStream,
  seesFrame,
  setting,
  settings,
  start,
  uint32,
  windowUpdate,
  zeros,
} from './raw.ts';
import { setUpService } from './rawServer.ts';

type Flood = {
  readonly title: string;
  readonly error: ErrorName;
  /** What comes once, then what comes again and again. */
  readonly first?: Buffer;
  readonly each: (round: number) => Buffer;
  readonly rounds: number;
};

const idOf = (round: number): number => 2 * round + 1;
const many = 5000;
const calm = 'ENHANCE_YOUR_CALM';
const windowByte = frame(windowUpdate, 0, 0, uint32(1));

const floods: readonly Flood[] = [
  {
    title: 'requests that are reset at once',
    error: calm,
    each: (round) =>
      Buffer.concat([frame(headers, endHeaders, idOf(round), postBlock), frame(rstStream, 0, idOf(round), uint32(8))]),
    rounds: many,
  },
  {
    title: 'requests of HEADERS alone that are reset at once',
    error: calm,
    each: (round) =>
      Buffer.concat([frame(headers, both, idOf(round), postBlock), frame(rstStream, 0, idOf(round), uint32(8))]),
    rounds: many,
  },
  {
    title: 'requests with a body of a byte that are reset at once',
    error: calm,
    each: (round) =>
      Buffer.concat([
        frame(headers, endHeaders, idOf(round), postBlock),
        frame(data, endStream, idOf(round), 'x'),
        frame(rstStream, 0, idOf(round), uint32(8)),
      ]),
    rounds: many,
  },
  {
    title: 'requests with a kilobyte of a body that are reset at once',
    error: calm,
    each: (round) =>
      Buffer.concat([
        frame(headers, endHeaders, idOf(round), postBlock),
        frame(data, 0, idOf(round), zeros(1024)),
        frame(rstStream, 0, idOf(round), uint32(8)),
      ]),
    rounds: many,
  },
  ...[
    ['DATA behind the end', (id: number) => frame(data, 0, id, zeros(1024))],
    ['HEADERS behind the end', (id: number) => frame(headers, both, id, getBlock)],
    ['a WINDOW_UPDATE of nothing', (id: number) => frame(windowUpdate, 0, id, uint32(0))],
  ].map(([title, wrong]): Flood => {
    const each = (id: number): Buffer =>
      Buffer.concat([frame(headers, both, id, postBlock), (wrong as (id: number) => Buffer)(id)]);
    return {
      title: `requests that are broken off for ${title as string}`,
      error: calm,
      each: (round) => each(idOf(round)),
      rounds: many,
    };
  }),
  { title: 'PING', error: calm, each: () => frame(ping, 0, 0, zeros(8)), rounds: many },
  { title: 'answers to PING that was never sent', error: calm, each: () => frame(ping, 1, 0, zeros(8)), rounds: many },
  { title: 'SETTINGS', error: calm, each: () => frame(settings, 0, 0, setting(3, 1)), rounds: many },
  {
    title: 'SETTINGS that make windows larger and smaller',
    error: calm,
    first: open,
    each: (round) => frame(settings, 0, 0, setting(4, round % 2 === 0 ? 0 : 100_000)),
    rounds: many,
  },
  { title: 'acknowledgements of SETTINGS', error: calm, each: () => frame(settings, 1, 0), rounds: many },
  { title: 'WINDOW_UPDATE', error: calm, each: () => frame(windowUpdate, 0, 0, uint32(1)), rounds: many },
  {
    title: 'WINDOW_UPDATE of a stream',
    error: calm,
    first: open,
    each: () => frame(windowUpdate, 0, 1, uint32(1)),
    rounds: many,
  },
  {
    title: 'WINDOW_UPDATE between single bytes of DATA',
    error: calm,
    first: open,
    each: () => Buffer.concat([frame(data, 0, 1, 'x'), ...Array.from({ length: 3 }, () => windowByte)]),
    rounds: many,
  },
  { title: 'PRIORITY', error: calm, each: (round) => frame(priority, 0, idOf(round), Buffer.alloc(5)), rounds: many },
  { title: 'frames of unknown types', error: calm, each: (round) => frame(20 + (round % 200), 0, 0), rounds: many },
  { title: 'empty DATA', error: calm, first: open, each: () => frame(data, 0, 1), rounds: many },
  {
    title: 'DATA that is padding alone',
    error: calm,
    first: open,
    each: () => frame(data, 8, 1, Buffer.from([3, 0, 0, 0])),
    rounds: many,
  },
  {
    title: 'CONTINUATION without bytes',
    error: calm,
    first: frame(headers, 1, 1, getBlock),
    each: () => frame(continuation, 0, 1),
    rounds: many,
  },
  {
    title: 'CONTINUATION without end',
    error: calm,
    first: frame(headers, 1, 1, getBlock),
    each: () =>
      frame(continuation, 0, 1, Buffer.concat(Array.from({ length: 100 }, () => literal('x-a', 'b'.repeat(100))))),
    rounds: 20,
  },
  {
    title: 'malformed requests',
    error: calm,
    each: (round) => frame(headers, both, idOf(round), Buffer.from([0x82])),
    rounds: many,
  },
  {
    title: 'RST_STREAM of streams that are closed',
    error: calm,
    first: Buffer.concat([open, frame(rstStream, 0, 1, uint32(8))]),
    each: () => frame(rstStream, 0, 1, uint32(8)),
    rounds: many,
  },
  {
    title: 'DATA behind a reset',
    error: calm,
    first: Buffer.concat([open, frame(rstStream, 0, 1, uint32(8))]),
    each: () => frame(data, 0, 1, 'x'),
    rounds: many,
  },
  {
    title: 'HEADERS behind a reset',
    error: calm,
    first: Buffer.concat([open, frame(rstStream, 0, 1, uint32(8))]),
    each: () => frame(headers, both, 1, getBlock),
    rounds: many,
  },
  { title: 'GOAWAY', error: calm, each: () => frame(goaway, 0, 0, zeros(8)), rounds: many },
  {
    title: 'requests beyond the streams that there may be',
    error: calm,
    each: (round) => frame(headers, endHeaders, idOf(round), postBlock),
    rounds: 4000,
  },
];

for (const { title, error, first = Buffer.alloc(0), each, rounds } of floods) {
  test(`a flood of ${title} ends its connection alone, with ${error}`, async (t) => {
    const { sidecar, port } = await setUpFlooded(t);
    const neighbour = await connectHttp2(t, port);
    const peer = await connectRaw(t, port, Buffer.concat([start, first]));
    peer.write(Buffer.concat(Array.from({ length: rounds }, (_, round) => each(round))));
    t.is(codeOf(await seesFrame(peer, ({ type }) => type === goaway)), error);
    peer.end();
    await peer.over();
    t.is((await askHttp2(neighbour, { ':method': 'GET' })).status, 200);
    neighbour.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('a client that asks and reads no answer is cut off', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const peer = await connectRaw(t, port);
  peer.socket.pause();
  const pings = Buffer.concat(Array.from({ length: 200 }, () => frame(ping, 0, 0, zeros(8))));
  while (!peer.closed && sidecar.engine.connections.size > 0) {
    peer.write(pings);
    await sleep(1);
  }
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a head that is too large when it is decoded is refused, and its connection goes on', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const peer = await connectRaw(t, port);
  // One entry of 3 KB in the table, and 2,000 references to it: 6 MB out of 5 KB.
  const entry = Buffer.concat([
    Buffer.from([0x40, 3]),
    Buffer.from('x-a'),
    Buffer.from([127, 0xb9, 22]),
    Buffer.alloc(3000, 'b'),
  ]);
  peer.write(frame(headers, both, 1, Buffer.concat([getBlock, entry, Buffer.alloc(2000, 0xbe)])));
  const refused = await seesFrame(peer, ({ type, id }) => type === headers && id === 1);
  t.is(refused.payload.toString('latin1').includes('431'), true);
  peer.write(frame(headers, both, 3, getBlock));
  await seesFrame(peer, ({ type, id }) => type === data && id === 3);
  t.like((await sidecar.logged(1))[0], { status: 431 });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that opens its window never, or by single bytes, holds no more than a window of its server', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 5_000_000);
  const peer = await connectRaw(t, port, Buffer.concat([start, frame(settings, 0, 0, setting(4, 0))]));
  peer.write(frame(headers, both, 1, getBlock));
  await seesFrame(peer, ({ type, id }) => type === headers && id === 1);
  for (let round = 0; round < 200; round++) {
    peer.write(frame(windowUpdate, 0, 1, uint32(1)));
    await seesFrame(peer, () => framesOf(peer).filter(({ type }) => type === data).length > round);
  }
  t.true(framesOf(peer).every(({ type, payload }) => type !== data || payload.length === 1));
  const [connection] = sidecar.engine.connections;
  t.true((connection?.served.held ?? Infinity) < 300_000, String(connection?.served.held));
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

/** A raw server that floods whoever asks it. */
async function setUpFlooding(t: ExecutionContext, flood: Buffer) {
  const backend = await startBackend(t, (peer: Peer) => {
    peer.write(emptySettings);
    peer.socket.once('data', () => setTimeout(() => peer.write(flood), 20));
    peer.socket.on('end', () => peer.end());
  });
  return setUpService(t, [backend]);
}

for (const [title, one] of [
  ['PING', frame(ping, 0, 0, zeros(8))],
  ['SETTINGS', emptySettings],
  ['WINDOW_UPDATE', frame(windowUpdate, 0, 0, uint32(1))],
] as const) {
  test(`a server that floods with ${title} loses its connection, and its client has an answer`, async (t) => {
    const flood = Buffer.concat(Array.from({ length: many }, () => one));
    const { sidecar, session } = await setUpFlooding(t, flood);
    t.is((await askHttp2(session, { ':method': 'POST' }, 'x')).status, 502);
    session.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}
