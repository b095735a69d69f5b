import test from 'ava';
import { BodyReader } from '../../../proxy/http1/readBody.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const head = 'POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';

test('what follows a refused body is not read as a request', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(`${head}x\r\nGET /evil HTTP/1.1\r\nHost: x\r\n\r\n`);
  await peer.over();
  t.is(peer.text.split('HTTP/1.1 ').length, 2);
  t.deepEqual(backend.requests, []);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const framing of ['Content-Length: 6', 'Transfer-Encoding: chunked']) {
  test(`a client that ends within a body of ${framing} leaves the endpoint no whole request`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(`POST /a HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n3\r\nab`);
    await (await backend.peer(0)).sees('ab');
    peer.end();
    await (await backend.peer(0)).over();
    t.deepEqual(backend.requests, []);
    const [entry] = await sidecar.logged(1);
    t.is(entry?.['flags'], 'DC');
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('an early answer is delivered, the rest of the body is read away, and the connection goes on', async (t) => {
  const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly';
  const backend = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(reply)));
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(`${head}3\r\nabc\r\n`);
  await peer.sees('early');
  await (await backend.peer(0)).over();
  peer.write('3\r\nabc\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n');
  await peer.until(({ text }) => text.split('early').length === 3);
  t.is(peer.text, reply + reply);
  t.regex((await backend.peer(1)).text, /^GET \/b /);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an early answer ends the connection when the rest of the body is too long', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => peer.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n'));
  });
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n');
  await peer.sees('413');
  for (let sent = 0; sent < 40; sent++) peer.write(Buffer.alloc(65_536));
  await peer.over();
  t.is(peer.text, 'HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

function chunk(text: string): string {
  return `${text.length.toString(16)};x=y\r\n${text}\r\n`;
}

test('small chunks of one read are handed on together, in their order with large ones', (t) => {
  const pieces: string[] = [];
  const sink = {
    onBodyData: (buffer: Buffer, start: number, end: number) => void pieces.push(buffer.toString('latin1', start, end)),
  };
  const [small, large] = ['abcdefghij'.repeat(300), 'L'.repeat(1000)];
  const text = small.split('').map(chunk).join('') + chunk(large) + chunk('end');
  const reader = new BodyReader();
  for (const cutAt of [0, 4000, text.length - 1]) {
    pieces.length = 0;
    reader.start('chunked', 0);
    for (const part of [text.slice(0, cutAt), `${text.slice(cutAt)}0\r\n\r\n`]) {
      const bytes = Buffer.from(part, 'latin1');
      reader.read(bytes, 0, bytes.length, sink);
    }
    t.is(reader.refusal, undefined);
    t.true(reader.done);
    t.is(pieces.join(''), `${small}${large}end`);
    t.true(pieces.length <= 5, `${pieces.length} pieces`);
  }
});
