import test from 'ava';
import { type Answer, askHttp2, readAnswer } from './clients.ts';
import {
  data,
  endHeaders,
  endStream,
  frame,
  goawayBehind,
  headers,
  okBlock,
  rstStream,
  setting,
  settings,
  uint32,
} from './raw.ts';
import { got, ok, setUpService, startRaw } from './rawServer.ts';

for (const { title, ending } of [
  { title: 'GOAWAY says that it was not looked at', ending: () => goawayBehind(0) },
  {
    title: 'REFUSED_STREAM says that it was not looked at',
    ending: (id: number) => frame(rstStream, 0, id, uint32(7)),
  },
]) {
  test(`A response that has begun is the only one, though ${title}`, async (t) => {
    let requests = 0;
    const backend = await startRaw(t, (peer, id) => {
      if (++requests > 1) return ok(peer, id);
      peer.write(frame(headers, endHeaders, id, okBlock));
      peer.write(frame(data, 0, id, 'first'));
      return peer.write(ending(id));
    });
    const { sidecar, session } = await setUpService(t, [backend]);
    const stream = session.request({ ':path': '/', ':method': 'POST' }, { endStream: true });
    stream.on('error', () => undefined);
    stream.resume();
    await new Promise((resolve) => {
      stream.on('close', resolve);
    });
    t.is(stream.rstCode, 2);
    t.is(requests, 1);
    const [line] = await sidecar.logged(1);
    t.like(line, { status: 200, flags: 'UC' });
    t.is(line?.['attempts'], undefined);
    session.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });

  test(`An interim response has begun as well, though ${title}`, async (t) => {
    let requests = 0;
    const backend = await startRaw(t, (peer, id) => {
      if (++requests > 1) return ok(peer, id);
      // 103
      peer.write(frame(headers, endHeaders, id, [0x08, 0x03, 0x31, 0x30, 0x33]));
      return peer.write(ending(id));
    });
    const { sidecar, session } = await setUpService(t, [backend]);
    t.is((await askHttp2(session, { ':method': 'POST' }, 'x')).status, 503);
    t.is(requests, 1);
    session.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('All requests whose connection breaks share the one that replaces it, within the limit', async (t) => {
  const many = 150;
  let held = 0;
  const backend = await startRaw(t, (peer, id, connection) => {
    if (connection > 0 || id === 1) return ok(peer, id);
    if (++held === many) peer.reset();
    return undefined;
  });
  const { sidecar, session } = await setUpService(t, [backend], { pool: { maxConnections: 2 } });
  t.is((await askHttp2(session, { ':method': 'GET' })).status, 200);
  const answers = await Promise.all(Array.from({ length: many }, () => askHttp2(session, { ':method': 'GET' })));
  t.true(answers.every(({ status }) => status === 200));
  // So many as it is given before its SETTINGS have come, each.
  t.is(backend.peers.length, 3);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('A connection that ends behind its streams takes no place from its successor', async (t) => {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const backend = await startRaw(t, (peer, id, connection) => {
    if (connection > 0) return ok(peer, id);
    peer.write(frame(headers, endHeaders, id, okBlock));
    peer.write(goawayBehind(id));
    return void finished.then(() => peer.write(frame(data, endStream, id, 'end')));
  });
  const { sidecar, session } = await setUpService(t, [backend], { pool: { maxConnections: 1 } });
  const long: Promise<Answer> = readAnswer(session.request({ ':path': '/' }));
  await (await backend.peer(0)).until((peer) => got(peer).some(({ type }) => type === headers));
  t.is((await askHttp2(session, { ':method': 'POST' }, 'x')).status, 200);
  t.is(backend.peers.length, 2);
  finish();
  t.is((await long).body, 'end');
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('Requests that a connection has no room for go to others, and are sent once', async (t) => {
  let begun = 0;
  const { promise: allBegun, resolve } = Promise.withResolvers<void>();
  const backend = await startRaw(
    t,
    (peer, id) => {
      peer.write(frame(headers, endHeaders, id, okBlock));
      if (++begun === 60) resolve();
    },
    frame(settings, 0, 0, setting(3, 10)),
  );
  const { sidecar, session } = await setUpService(t, [backend], { limits: { progressTimeoutMs: 60_000 } });
  const streams = Array.from({ length: 60 }, (_, at) => {
    const stream = session.request(
      { ':path': '/', ':method': at % 2 === 0 ? 'GET' : 'POST' },
      { endStream: at % 4 !== 1 },
    );
    stream.on('error', () => undefined);
    return stream;
  });
  await allBegun;
  t.is(backend.peers.length, 6);
  for (const peer of backend.peers) t.is(got(peer).filter(({ type }) => type === headers).length, 10);
  for (const stream of streams) stream.close(8);
  t.true((await sidecar.logged(60)).every((line) => line['attempts'] === undefined));
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('A request that waits for room to the end of its time says nothing against the endpoint', async (t) => {
  const backend = await startRaw(
    t,
    (peer, id) => peer.write(frame(headers, endHeaders, id, okBlock)),
    frame(settings, 0, 0, setting(3, 1)),
  );
  const options = { pool: { maxConnections: 1 }, limits: { progressTimeoutMs: 500 } };
  const { sidecar, session } = await setUpService(t, [backend], options);
  const held = session.request({ ':path': '/' });
  held.on('error', () => undefined);
  await new Promise((resolve) => {
    held.on('response', resolve);
  });
  const waiting = await Promise.all(Array.from({ length: 6 }, () => askHttp2(session, { ':method': 'GET' })));
  t.true(waiting.every(({ status }) => status === 504));
  t.true([...sidecar.registry.given].every(({ measure }) => measure.cost(performance.now(), 1) < 1000));
  held.close(8);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('A connection on which many requests were given up is left before its server ends it, and a neighbour stays', async (t) => {
  const backend = await startRaw(t, (peer, id) => peer.write(frame(headers, endHeaders, id, okBlock)));
  const { sidecar, session } = await setUpService(t, [backend]);
  const begin = async () => {
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => undefined);
    await new Promise((resolve) => {
      stream.on('response', resolve);
    });
    return stream;
  };
  const neighbour = await begin();
  for (let round = 0; round < 8; round++)
    for (const stream of await Promise.all(Array.from({ length: 100 }, begin))) stream.close(8);
  await sidecar.logged(800);
  t.is((await begin()).rstCode, 0);
  t.is(backend.peers.length, 2);
  const first = await backend.peer(0);
  // Those of the round that was under way come on top.
  t.true(got(first).filter(({ type }) => type === rstStream).length <= 600);
  first.write(frame(data, endStream, 1, 'end'));
  neighbour.setEncoding('latin1');
  t.deepEqual(await neighbour.toArray(), ['end']);
  session.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});
