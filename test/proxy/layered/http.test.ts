import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Connection } from '../../../proxy/socket/connection.ts';
import type { Peer } from '../peer.ts';
import { type Mesh, secret, type Sides, startMesh } from './mesh.ts';

const megabytes10 = 10_485_760;
const large = secret.repeat(Math.ceil(megabytes10 / secret.length)).slice(0, megabytes10);
const sides: readonly Sides[] = [
  { client: 'tls', server: 'tls' },
  { client: 'tls', server: 'raw' },
  { client: 'raw', server: 'tls' },
];
const titleOf = ({ client, server }: Sides): string => `${client} from the client, ${server} to the server`;

function respond(peer: Peer, body: string): void {
  peer.write(`HTTP/1.1 200 OK\r\nX-Secret: ${secret}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}

/** Answers each request with its own body. */
function echo(peer: Peer): void {
  readBodies(peer, (body) => respond(peer, body));
  peer.socket.on('end', () => peer.end());
}

/** Reads nothing until it is resumed. */
function echoLater(peer: Peer): void {
  echo(peer);
  peer.socket.pause();
}

function answerAtLength(peer: Peer): void {
  peer.socket.once('data', () => respond(peer, large.repeat(4)));
}

/** Sends the beginning of a response, and no more. */
function breakOff(peer: Peer): void {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${megabytes10}\r\n\r\n`;
  peer.socket.once('data', () => peer.write(`${head}${secret.repeat(1000)}`));
}

/** Cuts what comes into messages by their Content-Length; looks at a head once, since the bodies are large. */
function readBodies(peer: Peer, onBody: (body: string) => void): void {
  let pieces: Buffer[] = [];
  let [have, whole, head] = [0, Infinity, 0];
  peer.socket.on('data', (piece: Buffer) => {
    pieces.push(piece);
    have += piece.length;
    peer.text = '';
    if (whole === Infinity) {
      const start = Buffer.concat(pieces).toString('latin1');
      head = start.indexOf('\r\n\r\n') + 4;
      if (head < 4) return;
      whole = head + Number(/\r\ncontent-length: (\d+)/i.exec(start)?.[1] ?? 0);
    }
    if (have < whole) return;
    const body = Buffer.concat(pieces).toString('latin1', head);
    pieces = [];
    [have, whole] = [0, Infinity];
    onBody(body);
  });
}

function post(body: string): string {
  return `POST /${secret.trim()} HTTP/1.1\r\nHost: x\r\nX-Secret: ${secret}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Reads response bodies, each as it is asked for. */
function bodiesOf(peer: Peer): () => Promise<string> {
  const bodies: string[] = [];
  readBodies(peer, (body) => void bodies.push(body));
  return async () => {
    for (let turn = 0; turn < 6000 && bodies.length === 0; turn++) await sleep(5);
    return bodies.shift() ?? 'no body came';
  };
}

for (const side of sides) {
  test(`bodies from nothing to 10 MB pass both ways on connections that are used again: ${titleOf(side)}`, async (t) => {
    const mesh = await startMesh(t, side, { protocol: 'detect', serve: echo });
    const peer = await mesh.connect();
    const nextBody = bodiesOf(peer);
    for (const body of ['', secret, large, secret, large]) {
      peer.write(post(body));
      t.true((await nextBody()) === body, `${body.length} bytes came back as they went`);
    }
    t.is(mesh.relays.far.connections, 1, 'requests that cannot be repeated found their connection alive');
    peer.end();
    t.deepEqual(await mesh.sidecar.leftovers(), []);
    t.deepEqual(mesh.plainText(), []);
  });
}

test('a client that reads nothing stops the endpoint, and gets everything when it reads on', async (t) => {
  const mesh = await startMesh(t, { client: 'tls', server: 'tls' }, { protocol: 'detect', serve: answerAtLength });
  const peer = await mesh.connect();
  const nextBody = bodiesOf(peer);
  peer.socket.pause();
  peer.write(post(''));
  await stalls(t, mesh, () => [...mesh.sidecar.engine.connections].at(0)?.connection);
  peer.socket.resume();
  t.is((await nextBody()).length, 4 * megabytes10);
  peer.end();
  t.deepEqual(await mesh.sidecar.leftovers(), []);
  t.deepEqual(mesh.plainText(), []);
});

test('an endpoint that reads nothing stops the client, and gets everything when it reads on', async (t) => {
  const mesh = await startMesh(t, { client: 'tls', server: 'tls' }, { protocol: 'detect', serve: echoLater });
  const peer = await mesh.connect();
  const nextBody = bodiesOf(peer);
  peer.write(post(large.repeat(4)));
  const upstream = await mesh.backend.peer(0);
  await stalls(t, mesh, () => mesh.sidecar.registry.dialled.at(0));
  upstream.socket.resume();
  t.is((await nextBody()).length, 4 * megabytes10);
  peer.end();
  t.deepEqual(await mesh.sidecar.leftovers(), []);
  t.deepEqual(mesh.plainText(), []);
});

/** Waits until a connection takes no more and nothing moves: little may wait in the sidecar then. */
async function stalls(
  t: ExecutionContext,
  { sidecar, relays }: Mesh,
  find: () => Connection | undefined,
): Promise<void> {
  const passed = (): number => relays.far.wires.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = -1;
  for (let turn = 0; turn < 100 && !(find()?.full === true && before === passed()); turn++) {
    before = passed();
    await sleep(300);
  }
  t.true(find()?.full, 'it takes no more');
  t.true(sidecar.buffered < 1_048_576, `${sidecar.buffered} bytes wait in the sidecar`);
}

test('a client that half-closes is probed through its layer, and gets its response', async (t) => {
  const mesh = await startMesh(t, { client: 'tls', server: 'tls' }, { protocol: 'detect', serve: () => undefined });
  const peer = await mesh.connect();
  peer.write(post(''));
  peer.end();
  await peer.sees('HTTP/1.1 102 Processing\r\n\r\n');
  respond(await mesh.backend.peer(0), secret);
  t.is(await peer.over(), 'fin');
  t.true(peer.text.endsWith(`\r\n\r\n${secret}`));
  t.deepEqual(await mesh.sidecar.leftovers(), []);
  t.deepEqual(mesh.plainText(), []);
});

test('a client that resets after its half-close is noticed while its response is awaited', async (t) => {
  const mesh = await startMesh(t, { client: 'tls', server: 'tls' }, { protocol: 'detect', serve: () => undefined });
  const peer = await mesh.connect();
  peer.write(post(''));
  peer.end();
  await peer.sees('HTTP/1.1 102 Processing\r\n\r\n');
  const upstream = await mesh.backend.peer(0);
  await upstream.sees(secret);
  mesh.relays.near.reset();
  t.like((await mesh.sidecar.logged(1))[0], { status: 499, flags: 'DC' });
  t.is(await upstream.over(), 'reset');
  t.deepEqual(await mesh.sidecar.leftovers(), []);
  t.deepEqual(mesh.plainText(), []);
});

test('an endpoint that breaks off within its response breaks the client off too', async (t) => {
  const mesh = await startMesh(t, { client: 'tls', server: 'tls' }, { protocol: 'detect', serve: breakOff });
  const peer = await mesh.connect();
  peer.write(post(''));
  await peer.receives(10_000);
  mesh.relays.far.reset();
  t.is(await peer.over(), 'reset');
  t.like((await mesh.sidecar.logged(1))[0], { flags: 'UC' });
  t.deepEqual(await mesh.sidecar.leftovers(), []);
  t.deepEqual(mesh.plainText(), []);
});

test('a request that is refused is answered through the layer', async (t) => {
  const mesh = await startMesh(t, { client: 'tls', server: 'tls' }, { protocol: 'detect', serve: echo });
  const peer = await mesh.connect();
  peer.write('GET / HTTP/1.1\r\nHost: x\r\nbad name: 1\r\n\r\n');
  await peer.sees('HTTP/1.1 400 ');
  t.is(await peer.over(), 'fin');
  peer.end();
  t.deepEqual(await mesh.sidecar.leftovers(), []);
  t.deepEqual(mesh.plainText(), []);
});
