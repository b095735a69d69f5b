import test from 'ava';
import { startBackend, startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const get = (lines: string): string => `GET /a HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;

for (const [to, lines, word] of [
  ['h2c', 'Connection: Upgrade\r\nUpgrade: h2c\r\n', 'HTTP/2'],
  ['HTTP/2', 'Connection: Upgrade\r\nUpgrade: HTTP/2.0\r\n', 'HTTP/2'],
  ['what Connection does not name', 'Upgrade: secret-thing\r\n', 'another protocol'],
] as const) {
  test(`a request that asks to upgrade to ${to} says in its line that it was passed on without`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    await ask(await sidecar.straight(backend.port), get(lines));
    t.is(backend.requests[0]?.head, get(''));
    const [entry] = await sidecar.logged(1);
    t.is(entry?.['reason'], `the client asked to upgrade to ${word}, and was passed on without that`);
    t.like(entry, { status: 200, level: 'info', flags: undefined });
    t.false(JSON.stringify(entry).includes('secret'));
  });
}

test('a failure is told before what was dropped', async (t) => {
  const sidecar = setUp(t);
  await ask(await sidecar.straight(1), get('Connection: Upgrade\r\nUpgrade: h2c\r\n'));
  const [entry] = await sidecar.logged(1);
  t.regex(String(entry?.['reason']), /^connecting to the endpoint failed: .*; the client asked to upgrade to HTTP\/2/);
});

test('the next request on the connection says nothing of it', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  await ask(await sidecar.straight(backend.port), get('Upgrade: h2c\r\n') + get(''));
  t.is((await sidecar.logged(2))[1]?.['reason'], undefined);
});

for (const [title, reply, reason] of [
  ['more than 100 fields', 'A: b\r\n'.repeat(101), /too large to be passed on: there are more than 100 header fields/],
  ['more than 64 KiB', `A: ${'b'.repeat(66_000)}\r\n`, /too large to be passed on: the head has more than 64 KiB/],
] as const) {
  test(`a response with ${title} is told as such`, async (t) => {
    const backend = await startBackend(t, (peer) =>
      peer.socket.once('data', () => peer.write(`HTTP/1.1 200 OK\r\n${reply}Content-Length: 0\r\n\r\n`)),
    );
    const sidecar = setUp(t);
    t.regex(await ask(await sidecar.straight(backend.port), get('')), /^HTTP\/1.1 502 /);
    t.regex(String((await sidecar.logged(1))[0]?.['reason']), reason);
  });
}
