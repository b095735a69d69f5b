import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import test from 'ava';
import { limitHeld } from '../../../proxy/serve/limitHeld.ts';
import { pressure } from '../../../proxy/socket/held.ts';
import { setUp } from '../harness.ts';
import { startHttp2Server } from './clients.ts';
import { both, frame, getBlock, headers, setting, settings, start, uint32, windowUpdate } from './raw.ts';

const clients = 80;
const responseBytes = 2_000_000;
const window = 2 ** 30;

test.serial('eighty slow readers of HTTP/2 are no reason to refuse any of them', async (t) => {
  const server = await startHttp2Server(t, (stream) => {
    stream.respond({ ':status': 200 });
    Readable.from(pieces()).pipe(stream);
  });
  const sidecar = setUp(t);
  const port = await sidecar.straight(server.port);
  t.teardown(() => (pressure.isHigh = false));
  t.teardown(limitHeld(sidecar.engine.connections, 16_777_216, pino({ enabled: false })));
  const ask = Buffer.concat([
    start,
    frame(settings, 0, 0, setting(4, window)),
    frame(windowUpdate, 0, 0, uint32(window - 65_536)),
    frame(headers, both, 1, getBlock),
  ]);
  const sockets = await Promise.all(
    Array.from({ length: clients }, async () => {
      const socket = net.connect({ port, host: '127.0.0.1' }).pause();
      t.teardown(() => socket.destroy());
      await once(socket, 'connect');
      socket.write(ask);
      return socket;
    }),
  );
  const waits = (): boolean => {
    const open = [...sidecar.engine.connections];
    return open.length === clients && open.every(({ served }) => served.held > 16_384);
  };
  while (!waits() && sidecar.entries.length === 0) await new Promise(setImmediate);
  t.deepEqual(sidecar.entries, []);
  await Promise.all(sockets.map(readWhole));
  await sidecar.logged(clients);
  t.true(sidecar.entries.every(({ flags }) => flags === undefined));
  for (const socket of sockets) socket.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});

function* pieces(): Iterable<Buffer> {
  const piece = Buffer.alloc(20_000, 'x');
  for (let sent = 0; sent < responseBytes; sent += piece.length) yield piece;
}

/** Until so much has come as the response has, or no more does. */
function readWhole(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    socket.on('data', (read: Buffer) => {
      bytes += read.length;
      if (bytes >= responseBytes) resolve();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.resume();
  });
}
