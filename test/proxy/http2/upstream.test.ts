import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startBackend } from '../backend.ts';
import type { Peer } from '../peer.ts';
import { type Answer, askHttp2 } from './clients.ts';
import {
  codeOf,
  data,
  endHeaders,
  endStream,
  frame,
  goaway,
  goawayBehind,
  headers,
  okBlock,
  rstStream,
  setting,
  settings,
  uint32,
} from './raw.ts';
import { got, ok, setUpService, startRaw } from './rawServer.ts';
import { greetingViolations, serverViolations } from './violations/servers.ts';

const asked = (peer: Peer): number => got(peer).filter(({ type }) => type === headers).length;

for (const violation of [...greetingViolations, ...serverViolations]) {
  const { title, section, bytes, error, scope } = violation;
  test(`${section}: a server that sends ${title} is told ${error} of the ${scope === 0 ? 'connection' : 'stream'}`, async (t) => {
    const backend = greetingViolations.includes(violation)
      ? await startBackend(t, (peer) => {
          for (const piece of bytes) peer.write(piece);
          peer.socket.on('end', () => peer.end());
        })
      : await startRaw(t, (peer, id) => {
          if (id !== 1) return ok(peer, id);
          for (const piece of bytes) peer.write(piece);
        });
    const { sidecar, session } = await setUpService(t, [backend]);
    const stream = session.request({ ':path': '/', ':method': 'POST' }, { endStream: true });
    const ended = new Promise<number>((resolve) => {
      stream.on('response', (fields) => resolve(fields[':status'] ?? 0));
      stream.on('close', () => resolve(0));
      stream.on('error', () => resolve(0));
    });
    stream.resume();
    const peer = await backend.peer(0);
    const wanted = scope === 0 ? goaway : rstStream;
    await peer.until(() => got(peer).some(({ type }) => type === wanted));
    const told = got(peer).find(({ type }) => type === wanted);
    t.is(told === undefined ? undefined : codeOf(told), error);
    await ended;
    const [line] = await sidecar.logged(1);
    t.true([502, 503, 200, 204, 304].includes(Number(line?.['status'])), JSON.stringify(line));
    t.true(['UPE', 'UF', 'UC'].includes(String(line?.['flags'])), JSON.stringify(line));
    if (scope !== 0) {
      t.is((await askHttp2(session, { ':method': 'GET' })).status, 200);
      t.is(backend.peers.length, 1);
    }
    session.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('requests that a server declares unseen by GOAWAY are sent on a new connection, and none is lost', async (t) => {
  const backend = await startRaw(t, (peer, id, connection) => {
    if (connection > 0) return ok(peer, id);
    if (id === 1) return undefined;
    if (id === 3) {
      peer.write(goawayBehind(1));
      setTimeout(() => {
        ok(peer, 1);
        peer.end();
      }, 50);
    }
    return undefined;
  });
  const { sidecar, session } = await setUpService(t, [backend]);
  const first = askHttp2(session, { ':method': 'POST' }, 'one');
  await (await backend.peer(0)).until((peer) => got(peer).some(({ type }) => type === headers));
  const others = await Promise.all([1, 2, 3].map((at) => askHttp2(session, { ':method': 'POST' }, `more ${at}`)));
  t.true(others.every(({ status }) => status === 200));
  t.is((await first).status, 200);
  t.is(backend.peers.length, 2);
  t.true((await sidecar.logged(4)).every((line) => line['flags'] === undefined));
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('requests that wait are sent as soon as a server takes more at a time', async (t) => {
  const backend = await startRaw(t, () => undefined, frame(settings, 0, 0, setting(3, 1)));
  const { sidecar, session } = await setUpService(t, [backend], { pool: { maxConnections: 1 } });
  const answers = [1, 2, 3].map(() => askHttp2(session, { ':method': 'GET' }));
  const peer = await backend.peer(0);
  await peer.until(() => asked(peer) > 0);
  await sidecar.outstanding(3);
  t.is(asked(peer), 1);
  peer.write(frame(settings, 0, 0, setting(3, 3)));
  await peer.until(() => asked(peer) === 3);
  for (const id of [1, 3, 5]) ok(peer, id);
  t.true((await Promise.all(answers)).every(({ status }) => status === 200));
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('REFUSED_STREAM sends a request elsewhere', async (t) => {
  const refusing = await startRaw(t, (peer, id) => peer.write(frame(rstStream, 0, id, uint32(7))));
  const serving = await startRaw(t, ok);
  const { sidecar, session } = await setUpService(t, [refusing, serving]);
  t.is((await askHttp2(session, { ':method': 'POST' }, 'x')).status, 200);
  const [line] = await sidecar.logged(1);
  t.regex(String(line?.['retriedAfter'] ?? JSON.stringify(line)), /REFUSED_STREAM/);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a server that always refuses is not asked for ever', async (t) => {
  const refusing = await startRaw(t, (peer, id) => peer.write(frame(rstStream, 0, id, uint32(7))));
  const { sidecar, session } = await setUpService(t, [refusing]);
  t.is((await askHttp2(session, { ':method': 'POST' }, 'x')).status, 503);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a server that announces its end by GOAWAY gets no more requests, and those that it has are answered', async (t) => {
  const backend = await startRaw(t, (peer, id, connection) => {
    if (connection === 0 && id === 1) {
      peer.write(goawayBehind(0x7fff_ffff));
      setTimeout(() => ok(peer, id), 100);
    } else ok(peer, id);
  });
  const { sidecar, session } = await setUpService(t, [backend]);
  const first = askHttp2(session, { ':method': 'POST' }, 'x');
  await (await backend.peer(0)).until((peer) => got(peer).some(({ type }) => type === headers));
  while (sidecar.registry.size.connections === 1 && backend.peers.length === 1) {
    t.is((await askHttp2(session, { ':method': 'POST' }, 'x')).status, 200);
    await sleep(5);
  }
  t.is((await first).status, 200);
  t.is(await (await backend.peer(0)).over(), 'fin');
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a server without SETTINGS is given up after the time for connecting', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const { sidecar, session } = await setUpService(t, [backend], { pool: { connectTimeoutMs: 100 } });
  const answer: Answer = await askHttp2(session, { ':method': 'POST' }, 'x');
  t.is(answer.status, 503);
  t.like((await sidecar.logged(1))[0], { flags: 'UF' });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a server without SETTINGS is given up then also where nobody waited for a while', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const { sidecar, session } = await setUpService(t, [backend], { pool: { connectTimeoutMs: 1000 } });
  const first = session.request({ ':path': '/' });
  first.on('error', () => undefined);
  await backend.peer(0);
  first.close(8);
  await sidecar.logged(1);
  t.is((await askHttp2(session, { ':method': 'POST' }, 'x')).status, 503);
  t.like((await sidecar.logged(2))[1], { flags: 'UF' });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a server that cannot be reached is UF', async (t) => {
  const backend = await startBackend(t, () => undefined);
  await backend.close();
  const { sidecar, session } = await setUpService(t, [backend]);
  t.is((await askHttp2(session, { ':method': 'POST' }, 'x')).status, 503);
  t.like((await sidecar.logged(1))[0], { flags: 'UF' });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a connection that breaks within a response resets the stream of the client', async (t) => {
  const backend = await startRaw(t, (peer, id) => {
    peer.write(frame(headers, endHeaders, id, okBlock));
    peer.write(frame(data, 0, id, 'half'));
    setTimeout(() => peer.reset(), 20);
  });
  const { sidecar, session } = await setUpService(t, [backend]);
  const stream = session.request({ ':path': '/' });
  stream.resume();
  const code = await new Promise<number>((resolve) => {
    stream.on('error', () => undefined);
    stream.on('close', () => resolve(stream.rstCode ?? -1));
  });
  t.is(code, 2);
  t.like((await sidecar.logged(1))[0], { status: 200, flags: 'UC' });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an idle connection is closed after its time, with GOAWAY', async (t) => {
  const backend = await startRaw(t, ok);
  const { sidecar, session } = await setUpService(t, [backend], { pool: { idleTimeoutMs: 300 } });
  t.is((await askHttp2(session, { ':method': 'GET' })).status, 200);
  const peer = await backend.peer(0);
  t.is(await peer.over(), 'fin');
  t.is(got(peer).at(-1)?.type, goaway);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('the window of the stream is kept to, and opens with SETTINGS', async (t) => {
  const backend = await startRaw(
    t,
    (peer, id) => {
      if (id !== 1) return ok(peer, id);
      setTimeout(() => peer.write(frame(settings, 0, 0, setting(4, 100_000))), 50);
      return undefined;
    },
    frame(settings, 0, 0, setting(4, 10)),
  );
  const { sidecar, session } = await setUpService(t, [backend]);
  const answer = askHttp2(session, { ':method': 'POST' }, 'x'.repeat(50_000));
  const peer = await backend.peer(0);
  await peer.until(() => got(peer).some(({ type, flags }) => type === data && (flags & endStream) !== 0));
  const pieces = got(peer).filter(({ type }) => type === data);
  t.is(pieces[0]?.payload.length, 10);
  t.is(
    pieces.reduce((sum, { payload }) => sum + payload.length, 0),
    50_000,
  );
  ok(peer, 1);
  t.is((await answer).status, 200);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});
