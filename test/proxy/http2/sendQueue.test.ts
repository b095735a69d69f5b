import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Stream } from '../../../proxy/http2/stream.ts';
import { heapBytes } from '../../garbage.ts';
import { setUpFlooded } from './flooded.ts';
import {
  both,
  connectRaw,
  data,
  frame,
  framesOf,
  getBlock,
  headers,
  rstStream,
  type Seen,
  seesFrame,
  setting,
  settings,
  start,
  uint32,
  windowUpdate,
} from './raw.ts';

const idsFrom = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + 2 * index);

test.serial('streams that are reset while their bodies wait are let go', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 100);
  const peer = await connectRaw(t, port, Buffer.concat([start, frame(settings, 0, 0, setting(4, 0))]));
  // An entry of 3,900 bytes for the table; 16 references to it are a head of 62,000.
  const cookie = Buffer.concat([Buffer.from([0x60, 127, 0xbd, 29]), Buffer.alloc(3900, 'c')]);
  const large = Buffer.concat([getBlock.subarray(0, 3), Buffer.from([0xbf]), Buffer.alloc(16, 0xbe)]);
  peer.write(frame(headers, both, 1, Buffer.concat([getBlock, cookie])));
  await seesFrame(peer, ({ type, id }) => type === headers && id === 1);
  const before = heapBytes();
  for (let round = 0; round < 20; round++) {
    const ids = idsFrom(3 + 60 * round, 30);
    const from = peer.text.length;
    peer.write(Buffer.concat(ids.map((id) => frame(headers, both, id, large))));
    await peer.until(() => framesOf(peer, from).filter(({ type }) => type === headers).length === ids.length);
    peer.write(Buffer.concat(ids.map((id) => frame(rstStream, 0, id, uint32(8)))));
    await sidecar.logged((round + 1) * ids.length);
  }
  const more = heapBytes() - before;
  t.true(more < 15_000_000, `${more} bytes are kept`);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test.serial('a window that opens by a byte has one stream looked at, whose turn it is', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 10_000);
  const peer = await connectRaw(t, port);
  const ids = idsFrom(1, 100);
  peer.write(Buffer.concat(ids.map((id) => frame(headers, both, id, getBlock))));
  const [connection] = sidecar.engine.connections;
  // All but the few whose bodies the window of the connection takes wait.
  const allWait = (): boolean => (connection?.served.held ?? 0) > 90 * 10_000;
  for (let turn = 0; turn < 3000 && !allWait(); turn++) await sleep(10);
  t.true(allWait());
  const sendWaiting: (this: Stream) => boolean = Reflect.get(Stream.prototype, 'sendWaiting');
  t.teardown(() => (Stream.prototype.sendWaiting = sendWaiting));
  let looked = 0;
  Stream.prototype.sendWaiting = function counted(this: Stream): boolean {
    looked++;
    return sendWaiting.call(this);
  };
  const windows = 200;
  peer.write(Buffer.concat(Array.from({ length: windows }, () => frame(windowUpdate, 0, 0, uint32(1)))));
  const bytes = (): Seen[] => framesOf(peer).filter(({ type, payload }) => type === data && payload.length === 1);
  await peer.until(() => bytes().length >= windows);
  t.true(new Set(bytes().map(({ id }) => id)).size > 80);
  t.true(looked <= windows, `${looked} were looked at`);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});
