import test from 'ava';
import type { Peer } from '../peer.ts';
import { secret, type Sides, startMesh } from './mesh.ts';
import { findPlainText } from './relay.ts';

const megabytes10 = 10_485_760;
const bulk = Buffer.alloc(megabytes10, secret);
const sides: readonly Sides[] = [
  { client: 'tls', server: 'tls' },
  { client: 'tls', server: 'raw' },
  { client: 'raw', server: 'tls' },
];

const greet = (peer: Peer): void => peer.write(secret);

/** Writes much and reads nothing until it is resumed. */
function sendBulk(peer: Peer): void {
  peer.socket.pause();
  peer.write(bulk);
}

for (const side of sides) {
  const title = `${side.client} from the client, ${side.server} to the server`;

  test(`10 MB pass both ways and each side half-closes on its own: ${title}`, async (t) => {
    const mesh = await startMesh(t, side, { protocol: 'opaque', serve: () => undefined });
    const peer = await mesh.connect();
    peer.write(bulk);
    const upstream = await mesh.backend.peer(0);
    await upstream.receives(megabytes10);
    peer.end();
    t.is(await upstream.over(), 'fin');
    upstream.write(bulk);
    await peer.receives(megabytes10);
    t.is(peer.ended, undefined);
    upstream.end();
    t.is(await peer.over(), 'fin');
    for (const { text } of [peer, upstream]) t.true(bulk.equals(Buffer.from(text, 'latin1')));
    t.like((await mesh.sidecar.logged(1))[0], { message: 'connection', bytesIn: megabytes10, bytesOut: megabytes10 });
    t.deepEqual(await mesh.sidecar.leftovers(), []);
    t.deepEqual(mesh.plainText(), []);
  });

  test(`a reader that is slow stops the other side, and then gets everything: ${title}`, async (t) => {
    const mesh = await startMesh(t, side, { protocol: 'opaque', serve: sendBulk });
    const peer = await mesh.connect();
    peer.socket.pause();
    peer.write(bulk);
    const upstream = await mesh.backend.peer(0);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    t.true(mesh.sidecar.buffered < 1_048_576, `${mesh.sidecar.buffered} bytes wait in the sidecar`);
    for (const { socket } of [peer, upstream]) socket.resume();
    for (const one of [peer, upstream]) {
      await one.receives(megabytes10);
      t.true(bulk.equals(Buffer.from(one.text, 'latin1')));
      one.end();
    }
    t.deepEqual(await mesh.sidecar.leftovers(), []);
    t.deepEqual(mesh.plainText(), []);
  });
}

for (const broken of ['near', 'far'] as const) {
  test(`a reset on the ${broken} side reaches the other`, async (t) => {
    const mesh = await startMesh(t, { client: 'tls', server: 'tls' }, { protocol: 'opaque', serve: greet });
    const peer = await mesh.connect();
    await peer.sees(secret);
    mesh.relays[broken].reset();
    t.is(await peer.over(), 'reset');
    t.is(await (await mesh.backend.peer(0)).over(), 'reset');
    t.is((await mesh.sidecar.logged(1))[0]?.['flags'], broken === 'near' ? 'DC' : 'UC');
    t.deepEqual(await mesh.sidecar.leftovers(), []);
    t.deepEqual(mesh.plainText(), []);
  });
}

test('what these tests look for is seen on the wire where nothing hides it', async (t) => {
  const mesh = await startMesh(t, { client: 'raw', server: 'raw' }, { protocol: 'opaque', serve: greet });
  const peer = await mesh.connect();
  await peer.sees(secret);
  const wires = [...mesh.relays.near.wires, ...mesh.relays.far.wires].filter(({ bytes }) => bytes > 0);
  t.is(wires.length, 2);
  for (const wire of wires) t.regex(findPlainText(wire, secret) ?? '', /^no TLS record at byte 0/);
  const record = { title: 'within a record', pieces: [Buffer.from(`\x17\x03\x03\x00\x13${secret}`)], bytes: 24 };
  t.regex(findPlainText(record, secret) ?? '', /^"never-in-the-clear " at byte 5/);
});
