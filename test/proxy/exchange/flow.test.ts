import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { setUp, type Sidecar } from '../harness.ts';
import { bytesHeld } from '../memory.ts';

const megabyte = 1_048_576;
const total = 100 * megabyte;
const block = Buffer.alloc(65_536, 'heddle carries this; ');

type Framing = 'length' | 'chunked';

/** Writes `total` bytes of a body as fast as the socket takes them; returns their hash. */
async function writeBody(socket: net.Socket, framing: Framing, blockBytes = block.length): Promise<string> {
  const hash = createHash('sha256');
  for (let sent = 0; sent < total; sent += blockBytes) {
    const piece = block.subarray(0, Math.min(blockBytes, total - sent));
    hash.update(piece);
    const framed =
      framing === 'length'
        ? piece
        : Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
    if (!socket.write(framed)) await once(socket, 'drain');
  }
  if (framing === 'chunked') socket.write('0\r\n\r\n');
  return hash.digest('hex');
}

/** Reads a message with a body of `total` bytes; `pauseMs` before every megabyte makes it slow. */
async function readBody(socket: net.Socket, pauseMs: number): Promise<{ head: string; hash: string }> {
  const hash = createHash('sha256');
  let head: string | undefined;
  let text = Buffer.alloc(0);
  let left = 0;
  let got = 0;
  let pause = 0;
  for await (const data of socket as AsyncIterable<Buffer>) {
    text = Buffer.concat([text, data]);
    if (head === undefined) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) continue;
      head = text.toString('latin1', 0, end + 4);
      text = text.subarray(end + 4);
      if (!/chunked/.test(head)) left = total;
    }
    for (;;) {
      if (left > 0) {
        const piece = text.subarray(0, left);
        hash.update(piece);
        got += piece.length;
        left -= piece.length;
        text = text.subarray(piece.length);
        if (left > 0) break;
      }
      if (got === total && !/chunked/.test(head)) break;
      const size = /^(?:\r\n)?([\da-f]+)\r\n/.exec(text.toString('latin1', 0, 20));
      if (size === null || text.length < size[0].length) break;
      text = text.subarray(size[0].length);
      left = Number.parseInt(size[1] ?? '', 16);
      if (left === 0) break;
    }
    if (got >= total) break;
    if (pauseMs > 0 && got - pause > megabyte) {
      pause = got;
      await sleep(pauseMs);
    }
  }
  return { head: head ?? '', hash: hash.digest('hex') };
}

async function listen(t: ExecutionContext, serve: (socket: net.Socket) => Promise<void>): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
    // A test that is over cuts off what its server still writes.
    serve(socket).catch(() => undefined);
  });
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

/** The most that the sidecar held back at a time while `work` ran, and how much more this thread held, in MB. */
async function watched(sidecar: Sidecar, work: () => Promise<void>): Promise<{ buffered: number; grown: number }> {
  const before = bytesHeld();
  let most = before;
  let buffered = 0;
  const watch = setInterval(() => {
    most = Math.max(most, bytesHeld());
    buffered = Math.max(buffered, sidecar.buffered);
  }, 5);
  await work();
  clearInterval(watch);
  return { buffered: buffered / megabyte, grown: (most - before) / megabyte };
}

const headOf = (start: string, framing: Framing): string =>
  `${start}\r\n${framing === 'length' ? `Content-Length: ${total}` : 'Transfer-Encoding: chunked'}\r\n\r\n`;

for (const framing of ['length', 'chunked'] as const) {
  for (const slow of [false, true]) {
    test.serial(
      `100 MB up with ${framing}${slow ? ' to a slow endpoint' : ''} arrive whole in flat memory`,
      async (t) => {
        const arrived = Promise.withResolvers<string>();
        const port = await listen(t, async (socket) => {
          arrived.resolve((await readBody(socket, slow ? 10 : 0)).hash);
        });
        const sidecar = setUp(t);
        const socket = net.connect(await sidecar.straight(port), '127.0.0.1');
        t.teardown(() => socket.destroy());
        let sent = '';
        let got = '';
        const { buffered, grown } = await watched(sidecar, async () => {
          socket.write(headOf('POST /a HTTP/1.1\r\nHost: x', framing));
          sent = await writeBody(socket, framing);
          got = await arrived.promise;
        });
        t.is(got, sent);
        t.true(buffered < 2, `held back ${buffered} MB`);
        // With the client and the endpoint, which are in this thread too.
        t.true(grown < 200, `grew by ${grown} MB`);
      },
    );

    test.serial(
      `100 MB down with ${framing}${slow ? ' to a slow client' : ''} arrive whole in flat memory`,
      async (t) => {
        let sent = '';
        const port = await listen(t, async (socket) => {
          await once(socket, 'data');
          socket.write(headOf('HTTP/1.1 200 OK', framing));
          // Small pieces take another way through the writer than large ones.
          sent = await writeBody(socket, framing, slow ? 5000 : block.length);
        });
        const sidecar = setUp(t);
        const socket = net.connect(await sidecar.straight(port), '127.0.0.1');
        t.teardown(() => socket.destroy());
        let got = '';
        const { buffered, grown } = await watched(sidecar, async () => {
          socket.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
          got = (await readBody(socket, slow ? 10 : 0)).hash;
        });
        t.is(got, sent);
        t.true(buffered < 2, `held back ${buffered} MB`);
        // With the client and the endpoint, which are in this thread too.
        t.true(grown < 200, `grew by ${grown} MB`);
        const [entry] = await sidecar.logged(1);
        t.is(entry?.['bytesOut'], total);
      },
    );
  }
}

test.serial('a client that reads nothing stops an endpoint that writes small pieces', async (t) => {
  let written = 0;
  const port = await listen(t, async (socket) => {
    await once(socket, 'data');
    socket.write(headOf('HTTP/1.1 200 OK', 'length'));
    while (!socket.destroyed && written < total) {
      written += 4000;
      if (!socket.write(block.subarray(0, 4000))) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const sidecar = setUp(t);
  const socket = net.connect({ port: await sidecar.straight(port), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  socket.pause();
  socket.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  let before = -1;
  for (let turn = 0; turn < 100 && before !== written; turn++) {
    before = written;
    await sleep(300);
  }
  t.is(written, before, 'the endpoint waits');
  t.true(written < 30 * megabyte, `${written} bytes were taken`);
  for (const { connection } of sidecar.engine.connections) t.true(connection.unsent < megabyte);
  socket.resetAndDestroy();
  t.deepEqual(await sidecar.leftovers(), []);
});

test.serial('a client that pipelines and reads nothing is not read from for ever', async (t) => {
  const sidecar = setUp(t);
  const service = { namespace: 'shop', name: 'cart' };
  const routes = [{ kind: 'HTTPRoute' as const, ...service, createdAtMs: 0, rules: [] }];
  sidecar.apply(
    { service, port: 80, protocol: 'detect', routes, endpoints: 'shop/cart:80' },
    { name: 'shop/cart:80', endpoints: [] },
  );
  const socket = net.connect({ port: await sidecar.service(), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.pause();
  const many = Buffer.from('GET /a HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2000));
  let sent = 0;
  const deadline = Date.now() + 3000;
  while (Date.now() < deadline) {
    if (!socket.write(many)) await Promise.race([once(socket, 'drain'), sleep(500)]);
    sent += many.length;
    if (socket.writableLength > 10 * megabyte) break;
  }
  const [incoming] = sidecar.engine.connections;
  t.truthy(incoming);
  t.true((incoming?.connection.unsent ?? Infinity) < 2 * megabyte, 'answers do not pile up');
  t.true(sent > megabyte);
  socket.resetAndDestroy();
  t.deepEqual(await sidecar.leftovers(), []);
});
