import { once } from 'node:events';
import net from 'node:net';
import { Writable } from 'node:stream';
import test from 'ava';
import { pino } from 'pino';
import { shareRoom } from '../../proxy/serve/sharedRoom.ts';
import { listen } from '../../sidecar/listeners.ts';
import { freePort } from '../freePort.ts';
import { setUp } from '../proxy/harness.ts';

test('who calls a redirected port directly, again and again, is closed each time and logged once', async (t) => {
  const lines: string[] = [];
  const log = pino(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    }),
  );
  const port = await freePort();
  const { transparentRole } = setUp(t);
  const all = shareRoom(transparentRole.engine.connections, 100);
  const servers = listen({ direction: 'inbound', port, maxConnections: 100, all }, { ...transparentRole, log });
  t.teardown(() => servers.forEach((server) => server.close()));
  for (let count = 0; count < 50; count++) {
    const socket = net.connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    socket.resume();
    await once(socket, 'close');
  }
  t.is(lines.length, 1);
  t.like(JSON.parse(lines[0] ?? ''), { msg: 'Connection closed', direction: 'inbound', port, peer: '127.0.0.1' });
});
