import { once } from 'node:events';
import net from 'node:net';
import test from 'ava';
import { createRefusedHint } from '../../sidecar/refusedHint.ts';
import { setUp } from '../proxy/harness.ts';
import { ask } from '../proxy/peer.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (place: string, state: string): string => `   0: ${place} 00000000:0000 ${state} 00000000:00000000 00:0\n`;
const on = {
  loopback: row('0100007F:1F90', '0A'),
  loopback6: row('00000000000000000000000001000000:1F90', '0A'),
  all: row('00000000:1F90', '0A'),
  all6: row('00000000000000000000000000000000:1F90', '0A'),
  pod: row('0703000A:1F90', '0A'),
  connection: row('0100007F:1F90', '01'),
  otherPort: row('0100007F:1F91', '0A'),
};
const only = (place: string): string => `the application listens on ${place} only`;

for (const [what, tcp, tcp6, address, hint] of [
  ['on 127.0.0.1 only', on.loopback, '', '10.0.3.7', only('127.0.0.1')],
  ['on ::1 only', '', on.loopback6, 'fd00::7', only('::1')],
  ['on both loopback addresses', on.loopback, on.loopback6, '10.0.3.7', only('127.0.0.1 and ::1')],
  ['on IPv4 only, called by IPv6', on.all, '', 'fd00::7', only('IPv4')],
  ['on IPv4 only, called by IPv4', on.all, '', '10.0.3.7', undefined],
  ['on loopback and all', on.loopback + on.all, '', '10.0.3.7', undefined],
  ['nowhere', on.connection + on.otherPort, '', '10.0.3.7', undefined],
] as const) {
  test(`of an application that listens ${what} it says ${hint ?? 'nothing'}`, (t) => {
    const said = createRefusedHint((file) => head + (file.endsWith('6') ? tcp6 : tcp))({ address, port: 8080 });
    if (hint === undefined) t.is(said, undefined);
    else t.true(said?.startsWith(hint), said);
  });
}

test('whoever calls closed ports has the tables read a few times only', (t) => {
  let reads = 0;
  const hint = createRefusedHint(() => {
    reads++;
    return head + on.loopback;
  });
  for (let port = 1; port <= 1000; port++) hint({ address: '10.0.3.7', port });
  for (let again = 0; again < 1000; again++) hint({ address: '10.0.3.7', port: 1 });
  t.true(reads <= 32, `${reads}`);
});

test('it finds a real listener, and the line says so; who called is not told', async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  t.regex(createRefusedHint()({ address: '10.0.3.7', port }) ?? '', /listens on 127\.0\.0\.1 only/);

  const sidecar = setUp(t, { refusedHint: () => 'the hint' });
  // No test is ever given this port: nobody listens there.
  const text = await ask(await sidecar.straight(1), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  t.notRegex(text, /the hint/);
  t.is((await sidecar.logged(1))[0]?.['reason'], 'connecting to the endpoint failed: ECONNREFUSED; the hint');
  const tunnel = setUp(t, { refusedHint: () => 'the hint' });
  await ask(await tunnel.straight(1), '\0\x01');
  t.is((await tunnel.logged(1))[0]?.['reason'], 'connecting to the endpoint failed: ECONNREFUSED; the hint');
});
