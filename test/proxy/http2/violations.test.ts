import test, { type ExecutionContext } from 'ava';
import type { Peer } from '../peer.ts';
import { setUpFlooded } from './flooded.ts';
import {
  both,
  codeOf,
  connectRaw,
  emptySettings,
  endHeaders,
  frame,
  framesOf,
  getBlock,
  goaway,
  headers,
  ping,
  rstStream,
  seesFrame,
  start,
} from './raw.ts';
import { frameViolations } from './violations/frames.ts';
import { clientOddities } from './violations/oddities.ts';
import { stateViolations } from './violations/states.ts';

/** A raw client of such a sidecar, that begins so. */
async function setUpSilent(t: ExecutionContext, first?: Buffer) {
  const { sidecar, port } = await setUpFlooded(t);
  return { sidecar, peer: await connectRaw(t, port, first) };
}

/** Whether the connection still answers a request. */
async function isServed(peer: Peer, id: number): Promise<boolean> {
  peer.write(frame(headers, both, id, getBlock));
  const seen = await seesFrame(peer, (one) => one.id === id && one.type === headers);
  return (seen.flags & endHeaders) !== 0;
}

for (const { title, section, bytes, error, scope, start: first } of [...stateViolations, ...frameViolations]) {
  test(`${section}: ${title}: ${error} of ${scope === 0 ? 'the connection' : 'the stream'}`, async (t) => {
    const { sidecar, peer } = await setUpSilent(t, first);
    for (const piece of bytes) peer.write(piece);
    if (scope === 0) {
      t.is(codeOf(await seesFrame(peer, ({ type }) => type === goaway)), error);
      t.is(await peer.over(), 'fin');
      peer.end();
    } else {
      const seen = await seesFrame(peer, ({ type, id }) => type === rstStream && id === scope);
      t.is(codeOf(seen), error);
      t.true(await isServed(peer, 101));
      t.false(framesOf(peer).some(({ type }) => type === goaway));
      peer.end();
    }
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

for (const { title, bytes } of clientOddities) {
  test(`no rule is broken by ${title}`, async (t) => {
    const { sidecar, peer } = await setUpSilent(t, start);
    for (const piece of bytes) peer.write(piece);
    t.true(await isServed(peer, 101));
    t.false(framesOf(peer).some(({ type }) => type === goaway));
    peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('all of it in single bytes is the same', async (t) => {
  const { sidecar, peer } = await setUpSilent(t, Buffer.alloc(0));
  const bytes = Buffer.concat([start, emptySettings, frame(ping, 0, 0, Buffer.from('12345678'))]);
  for (const byte of bytes) {
    peer.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seen = await seesFrame(peer, ({ type, flags }) => type === ping && flags === 1);
  t.is(String(seen.payload), '12345678');
  t.true(await isServed(peer, 1));
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
