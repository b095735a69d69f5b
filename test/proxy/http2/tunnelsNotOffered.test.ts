import test from 'ava';
import { startBackend } from '../backend.ts';
import { connect } from '../peer.ts';
import { emptySettings } from './raw.ts';
import { answerOf, connectTunnels, handshake, openTunnel, routeTo, startHttp1Tunnels, switchTo } from './tunnelling.ts';

test('an endpoint that offers no tunnel over HTTP/2 is asked by HTTP/1.1, whoever asks', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => {
      if (peer.text.startsWith('PRI')) return peer.write(emptySettings);
      return void peer.sees('\r\n\r\n').then(() => peer.write(switchTo('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')));
    });
    peer.socket.on('end', () => peer.end());
  });
  const { sidecar, port } = await routeTo(t, 'http2', backend.port);
  const client = await connect(port);
  for (let round = 0; round < 2; round++) {
    const again = await connect(port);
    again.write(handshake);
    await again.sees('HTTP/1.1 101 ');
    again.reset();
  }
  client.reset();
  const lines = await sidecar.logged(2);
  for (const line of lines) t.like(line, { status: 101, attempts: undefined });
  t.is(backend.peers.filter(({ text }) => text.startsWith('PRI')).length, 1);
  const session = await connectTunnels(t, port);
  // The key of such a request is ours, which this endpoint does not answer.
  t.like(await answerOf(openTunnel(session)), { ':status': 502 });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('one that speaks HTTP/2 alone and offers none says so in the line', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => {
      if (peer.text.startsWith('PRI')) return peer.write(emptySettings);
      return peer.write('\0\0\0\x04\0\0\0\0\0');
    });
    peer.socket.on('end', () => peer.end());
  });
  const { sidecar, port } = await routeTo(t, 'http2', backend.port);
  const client = await connect(port);
  client.write(handshake);
  await client.sees('HTTP/1.1 502 ');
  const line = (await sidecar.logged(1))[0];
  t.like(line, { status: 502, flags: 'UPE' });
  t.regex(String(line?.['reason']), /not valid HTTP: .*; over HTTP\/2 the endpoint offers no upgrade/);
  client.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('one that is asked by HTTP/1.1 then and says nothing is given up, as by any request of HTTP/1.1', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => {
      if (peer.text.startsWith('PRI')) peer.write(emptySettings);
    });
    peer.socket.on('end', () => peer.end());
  });
  const { sidecar, port } = await routeTo(t, 'http2', backend.port, { limits: { progressTimeoutMs: 500 } });
  const session = await connectTunnels(t, port);
  const answer = answerOf(openTunnel(session));
  t.like((await sidecar.logged(1))[0], { status: 504, flags: 'UT' });
  t.like(await answer, { ':status': 504 });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an upgrade that HTTP/2 has nothing for goes by HTTP/1.1 as ever', async (t) => {
  const backend = await startHttp1Tunnels(t, () => switchTo('').replace('websocket', 'tcp'));
  const { sidecar, port } = await routeTo(t, 'http2', backend.port);
  for (const head of [
    handshake.replace('GET', 'POST').replace('websocket', 'tcp'),
    handshake.replace('Upgrade: websocket', 'Upgrade: chat, tcp'),
  ]) {
    const client = await connect(port);
    client.write(head);
    await client.sees('HTTP/1.1 101 ');
    client.reset();
  }
  t.is(backend.peers.length, 2);
  t.deepEqual(await sidecar.leftovers(), []);
});
