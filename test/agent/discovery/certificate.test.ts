import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { openCredentials, watchCertificate } from '../../../agent/discovery/certificate.ts';
import { endpointsTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { pino } from 'pino';
import { agentName, type Ca, type Issued, makeCa } from '../../certificates.ts';
import { makeMount, type Mount } from '../../mount.ts';
import { type Fixture, makeEndpoints, startServer, webEndpoints } from './fixture.ts';
import { addressesOf } from './read.ts';

const log = pino({ level: 'silent' });
const pollMs = 20;
const filesOf = ({ cert, key }: Issued) => ({ 'tls.crt': cert, 'tls.key': key });

async function serve(t: ExecutionContext, first: Issued): Promise<Fixture & { mount: Mount }> {
  const mount = makeMount(t, filesOf(first));
  const files = { certFile: mount.file('tls.crt'), keyFile: mount.file('tls.key') };
  const lines: Record<string, unknown>[] = [];
  const credentials = await watchCertificate(files, {
    log: pino({ messageKey: 'message' }, { write: (line) => void lines.push(JSON.parse(line)) }),
    pollMs,
  });
  return { ...(await startServer(t, { credentials })), lines, mount };
}

/** What a new connection is shown, as a hash. */
async function shown(address: string, ca: Ca): Promise<{ fingerprint: string; protocol: string | null }> {
  const port = Number(address.split(':')[1]);
  const socket = connect({ port, ca: ca.pem, servername: agentName, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  const protocol = socket.getProtocol();
  socket.destroy();
  return { fingerprint: fingerprint256, protocol };
}

const fingerprintOf = ({ cert }: Issued): string => new X509Certificate(cert).fingerprint256;

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 3000; tries += 1) {
    if (await condition()) return;
    await sleep(10);
  }
  throw new Error('did not come about');
}

test('a new certificate is shown to new connections, over TLS 1.3; open streams go on', async (t) => {
  const ca = await makeCa();
  const [first, second] = [await ca.issue(), await ca.issue()];
  const { address, connect: open, publish, mount, server, lines } = await serve(t, first);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] }, { '127.0.0.1': { namespace: 'shop', pod: 'a' } });
  const client = open({ ca: ca.pem });
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.1']);
  t.true(server.sentBytes > 0, 'what it sends is counted under TLS too');
  t.deepEqual(await shown(address, ca), { fingerprint: fingerprintOf(first), protocol: 'TLSv1.3' });
  mount.write(filesOf(second));
  await until(async () => (await shown(address, ca)).fingerprint === fingerprintOf(second));
  t.is((await shown(address, ca)).protocol, 'TLSv1.3', 'the lowest version is kept');
  publish({ endpoints: [makeEndpoints('10.1.0.2')] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.2']);
  t.is(server.streams, 1);
  t.is(lines.filter(({ message }) => message === 'Serving certificate replaced').length, 1);
});

test('connections that are made all the time while the certificate changes all come about', async (t) => {
  const [old, next] = [await makeCa(), await makeCa()];
  const first = await old.issue();
  const { address, mount } = await serve(t, first);
  const both = { ...old, pem: old.pem + next.pem };
  const seen = new Set<string>();
  const ask = async (): Promise<string> => {
    const { fingerprint } = await shown(address, both);
    seen.add(fingerprint);
    return fingerprint;
  };
  t.is(await ask(), fingerprintOf(first));
  for (const ca of [next, old, next, old]) {
    for (let turn = 0; turn < 5; turn++) await ask();
    const issued = await ca.issue();
    mount.write(filesOf(issued));
    await until(async () => (await ask()) === fingerprintOf(issued));
  }
  t.is(seen.size, 5);
});

const broken: readonly (readonly [title: string, make: (good: Issued, other: Issued) => Record<string, string>])[] = [
  ['a certificate that is garbage', (good) => ({ 'tls.crt': 'garbage', 'tls.key': good.key })],
  ['a key that is garbage', (good) => ({ 'tls.crt': good.cert, 'tls.key': 'garbage' })],
  ['a key of another certificate', (good, other) => ({ 'tls.crt': good.cert, 'tls.key': other.key })],
  ['empty files', () => ({ 'tls.crt': '', 'tls.key': '' })],
  ['a missing key', (good) => ({ 'tls.crt': good.cert })],
  ['no files at all', () => ({})],
];
for (const [title, make] of broken) {
  test(`${title}: the last good certificate stays, one line says why, and a good one is taken later`, async (t) => {
    const ca = await makeCa();
    const [first, second] = [await ca.issue(), await ca.issue()];
    const { address, mount, lines } = await serve(t, first);
    mount.write(make(second, first));
    const complaints = () => lines.filter(({ message }) => /cannot be used/.test(String(message)));
    await until(() => complaints().length > 0);
    await sleep(5 * pollMs);
    t.is(complaints().length, 1);
    t.is((await shown(address, ca)).fingerprint, fingerprintOf(first));
    mount.write(filesOf(second));
    await until(async () => (await shown(address, ca)).fingerprint === fingerprintOf(second));
    t.pass();
  });
}

test('wrong files at the start are an error that names the file', async (t) => {
  const ca = await makeCa();
  const good = await ca.issue();
  const mount = makeMount(t, { 'tls.crt': good.cert, 'tls.key': (await ca.issue()).key });
  const [certFile, keyFile] = [mount.file('tls.crt'), mount.file('tls.key')];
  await t.throwsAsync(openCredentials({ certFile, keyFile: undefined }, log), { message: /HEDDLE_TLS_KEY_FILE/ });
  await t.throwsAsync(openCredentials({ certFile, keyFile }, log), { message: /tls\.key is not the key/ });
  await t.throwsAsync(openCredentials({ certFile: '/nowhere.crt', keyFile }, log), { message: /\/nowhere\.crt/ });
  t.false((await openCredentials({ certFile: undefined, keyFile: undefined }, log))._isSecure());
});

test('peers that speak no TLS, or stop in the middle of it, cost their own connections', async (t) => {
  const ca = await makeCa();
  const { address, connect: open, publish } = await serve(t, await ca.issue());
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const plain = open();
  plain.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.truthy(await plain.ended);
  for (const bytes of ['\x16\x03\x01\x02', 'GET / HTTP/1.1\r\n\r\n', '\0'.repeat(1000)]) {
    const socket = net.connect(Number(address.split(':')[1]), '127.0.0.1');
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(bytes, 'latin1');
    await sleep(20);
  }
  const client = open({ ca: ca.pem });
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.1']);
});
