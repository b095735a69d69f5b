import test from 'ava';
import { undisturbed } from '../../undisturbed.ts';
import { startBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const refusal = 'HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge';
const withoutLength = 'HTTP/1.1 413 Too Large\r\n\r\nlarge';
const sizes = [10_000, 1_000_000, 8_000_000];

for (const size of sizes) {
  for (const framing of [`Content-Length: ${size}`, 'Transfer-Encoding: chunked']) {
    for (const direction of ['inbound', 'outbound'] as const) {
      test(`a server that refuses an upload of ${size} bytes (${framing.slice(0, 14)}, ${direction}) and closes is heard`, async (t) => {
        const backend = await startBackend(t, (peer) => {
          peer.socket.once('data', () => {
            peer.socket.pause();
            // Closes with unread bytes: the kernel resets at once, behind the response.
            peer.socket.write(refusal, () => peer.socket.destroy());
          });
        });
        const sidecar = setUp(t);
        const port = await sidecar.straight(backend.port, direction);
        for (let turn = 0; turn < 8; turn++) {
          const peer = await connect(port);
          peer.write(`POST /a HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n`);
          const chunk = Buffer.alloc(size, 'b');
          peer.write(framing.startsWith('T') ? Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), chunk]) : chunk);
          await peer.until(({ text, ended }) => text.includes('large') || ended !== undefined);
          t.is(
            peer.text.split('\r\n')[0],
            'HTTP/1.1 413 Too Large',
            `turn ${turn} ${JSON.stringify(sidecar.entries.at(-1))}`,
          );
          peer.reset();
        }
        t.deepEqual(await sidecar.leftovers(), []);
        t.deepEqual(
          sidecar.entries.map(({ status }) => status),
          [413, 413, 413, 413, 413, 413, 413, 413],
        );
      });
    }
  }
}

test('a response of a size that nobody said is whole when its end came before the reset', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => {
      peer.socket.pause();
      peer.write(withoutLength);
      peer.end();
      setTimeout(() => peer.socket.destroy(), 100);
    });
  });
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n');
  peer.write(Buffer.alloc(5_000_000));
  await peer.sees('\r\n5\r\nlarge\r\n0\r\n\r\n');
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a server that closes without a response is 503 with UC, and the line says what broke', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => {
      peer.socket.pause();
      peer.socket.destroy();
    });
  });
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n');
  peer.write(Buffer.alloc(5_000_000));
  await peer.sees('HTTP/1.1 503 ');
  t.like((await sidecar.logged(1))[0], { status: 503, flags: 'UC' });
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a response that the server cuts off by a reset is cut off for the client', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => {
      peer.socket.pause();
      peer.socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 50\r\n\r\nlarge', () => peer.socket.destroy());
    });
  });
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n');
  peer.write(Buffer.alloc(5_000_000));
  t.is(await peer.over(), 'reset');
  t.like((await sidecar.logged(1))[0], { flags: 'UC' });
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [framing, closes] of [
  ['Content-Length: 8000000', true],
  ['Transfer-Encoding: chunked', false],
  ['Content-Length: 500000', false],
] as const) {
  test(`a response before a body (${framing}) says ${closes ? 'that the connection closes' : 'nothing'}`, async (t) => {
    const backend = await startBackend(t, (peer) => {
      peer.socket.once('data', () => peer.write(refusal));
      peer.socket.on('end', () => peer.end());
    });
    const sidecar = setUp(t);
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(`POST /a HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n`);
    await peer.sees('large');
    t.is(/\r\nConnection: close\r\n/i.test(peer.text), closes, peer.text);
    peer.reset();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('a client that has sent a long body in chunks before it sees the response is heard on the same connection', async (t) => {
  // What is sent behind a response is read for 5 s.
  await undisturbed(t, 500, async (round) => {
    const backend = await startBackend(round, (peer) => {
      peer.socket.once('data', () => {
        peer.socket.pause();
        peer.socket.write(refusal, () => peer.socket.destroy());
      });
    });
    const sidecar = setUp(round);
    const peer = await connect(await sidecar.straight(backend.port));
    const size = 65_536;
    const chunk = `${size.toString(16)}\r\n${'b'.repeat(size)}\r\n`;
    peer.write(`POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(48)}0\r\n\r\n`);
    await peer.sees('large');
    peer.write('POST /next HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    await peer.until(({ text, ended }) => text.split('HTTP/1.1 ').length === 3 || ended !== undefined);
    round.is(peer.text, refusal + refusal);
    peer.reset();
    round.deepEqual(await sidecar.leftovers(), []);
  });
});
