import { once } from 'node:events';
import net from 'node:net';
import test from 'ava';
import { type Listener, listenOn } from '../../../proxy/socket/listener.ts';
import type { OpenCount } from '../../../proxy/socket/connection.ts';
import { RawConnection } from '../../../proxy/socket/rawConnection.ts';

const nothing = (): void => undefined;

/** A listener whose connections end when their clients have ended. */
function startListener(host: string, among: OpenCount, port = 0): Listener {
  return listenOn(
    { host, port },
    {
      onAccepted(handle) {
        const connection = RawConnection.accepted(handle, among);
        connection.receiver = { onBytes: nothing, onEnd: () => connection.end(), onDrain: nothing, onClose: nothing };
      },
      onError: nothing,
    },
  );
}

for (const host of ['127.0.0.1', '::1']) {
  test(`connections to ${host} count until they have ended, however they end`, async (t) => {
    const among = { open: 0 };
    const listener = startListener(host, among);
    t.teardown(() => listener.close());
    const clients = [0, 1, 2].map(() => net.connect(listener.port, host).resume());
    await Promise.all(clients.map((client) => once(client, 'connect')));
    while (among.open < 3) await new Promise(setImmediate);
    const [ending, resetting, leaving] = clients;
    ending?.end();
    resetting?.resetAndDestroy();
    leaving?.destroy();
    if (ending !== undefined) await once(ending, 'close');
    for (let turn = 0; turn < 3000 && among.open > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
    t.is(among.open, 0);
  });
}

test('who listens on a port that is in use, or on an address that nobody has, is told so', (t) => {
  const listener = startListener('127.0.0.1', { open: 0 });
  t.teardown(() => listener.close());
  const used = t.throws(() => startListener('127.0.0.1', { open: 0 }, listener.port));
  t.is((used as NodeJS.ErrnoException).code, 'EADDRINUSE');
  const nobodys = t.throws(() => startListener('192.0.2.1', { open: 0 }));
  t.is((nobodys as NodeJS.ErrnoException).code, 'EADDRNOTAVAIL');
});

test('one that listens on IPv6 leaves the same port on IPv4 to others', (t) => {
  const six = startListener('::', { open: 0 });
  t.teardown(() => six.close());
  const four = startListener('0.0.0.0', { open: 0 }, six.port);
  t.teardown(() => four.close());
  t.is(four.port, six.port);
});

test('a listener that was closed takes no more, and leaves what it took alone', async (t) => {
  const among = { open: 0 };
  const listener = startListener('127.0.0.1', among);
  const client = net.connect(listener.port, '127.0.0.1').resume();
  await once(client, 'connect');
  while (among.open < 1) await new Promise(setImmediate);
  listener.close();
  const late = net.connect(listener.port, '127.0.0.1');
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
  t.is(among.open, 1);
  client.end();
  await once(client, 'close');
});

test('a defect in what is done with one connection costs that one', async (t) => {
  const errors: string[] = [];
  const among = { open: 0 };
  let isFirst = true;
  const listener = listenOn(
    { host: '127.0.0.1', port: 0 },
    {
      onAccepted(handle) {
        const fails = isFirst;
        isFirst = false;
        if (fails) throw new Error('a defect');
        RawConnection.accepted(handle, among).destroy();
      },
      onError: ({ message }) => errors.push(message),
    },
  );
  t.teardown(() => listener.close());
  for (let count = 0; count < 2; count++) {
    const client = net.connect(listener.port, '127.0.0.1').resume();
    client.on('error', nothing);
    await once(client, 'close');
  }
  t.deepEqual(errors, ['a defect']);
});
