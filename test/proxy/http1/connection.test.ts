import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { drain } from '../../../sidecar/shutdown.ts';
import { dataOf, startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask, connect } from '../peer.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = (path: string, lines = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;

test('pipelined requests are answered in order over one connection to the endpoint', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.on('data', (data) => {
      const path = / (\S+) /.exec(String(data))?.[1] ?? '';
      peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length + 1}\r\n\r\n${path};`);
    });
  });
  const sidecar = setUp(t);
  const count = 400;
  const paths = Array.from({ length: count }, (_, at) => `/${at}`);
  const answer = await ask(await sidecar.straight(backend.port), paths.map((path) => get(path)).join(''));
  t.is(
    answer.replaceAll(/HTTP\/1.1 200 OK\r\nContent-Length: \d+\r\n\r\n/g, ''),
    paths.map((path) => `${path};`).join(''),
  );
  t.is(backend.peers.length, 1);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('pipelined requests with bodies keep their bodies', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const requests = Array.from({ length: 200 }, (_, at) =>
    at % 2 === 0
      ? `POST /${at} HTTP/1.1\r\nHost: x\r\nContent-Length: ${at}\r\n\r\n${'a'.repeat(at)}`
      : `POST /${at} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${at.toString(16)}\r\n${'b'.repeat(at)}\r\n0\r\n\r\n`,
  );
  const answer = await ask(await sidecar.straight(backend.port), requests.join(''));
  t.is(answer, ok.repeat(200));
  t.deepEqual(backend.problems, []);
  t.deepEqual(
    backend.requests.map(({ head }) => head.split(' ')[1]),
    Array.from({ length: 200 }, (_, at) => `/${at}`),
  );
  t.deepEqual(
    backend.requests.map(dataOf),
    Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? 'a' : 'b').repeat(at)),
  );
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a bad request behind good ones is refused after their answers', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const answer = await ask(
    await sidecar.straight(backend.port),
    `${get('/a')}${get('/b')}GET /c HTTP/1.1\r\n\r\n${get('/d')}`,
  );
  t.regex(answer, /^(?:HTTP\/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok){2}HTTP\/1.1 400 Bad Request\r\n/);
  t.is(backend.requests.length, 2);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an unfinished request behind a good one does not hold the connection of a client that has ended', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  t.is(await ask(await sidecar.straight(backend.port), `${get('/a')}GET /b HTTP`), ok);
  t.is(
    await ask(
      await sidecar.straight(backend.port),
      `${get('/a')}POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab`,
    ),
    ok,
  );
  t.deepEqual(await sidecar.leftovers(), []);
});

type Kept = readonly [title: string, request: string, kept: boolean, header?: string];
const persistence: readonly Kept[] = [
  ['HTTP/1.1 stays open', get('/a'), true],
  ['HTTP/1.1 with Connection: close closes', get('/a', 'Connection: close\r\n'), false, 'close'],
  ['Connection: Close closes in any case of letters', get('/a', 'Connection: Close\r\n'), false, 'close'],
  ['close counts among other options', get('/a', 'Connection: a, close ,b\r\n'), false, 'close'],
  ['close counts in a second Connection', get('/a', 'Connection: a\r\nConnection: close\r\n'), false, 'close'],
  ['HTTP/1.0 closes', 'GET /a HTTP/1.0\r\nHost: x\r\n\r\n', false, 'close'],
  [
    'HTTP/1.0 with keep-alive stays open',
    'GET /a HTTP/1.0\r\nHost: x\r\nConnection: Keep-Alive\r\n\r\n',
    true,
    'keep-alive',
  ],
];
for (const [title, request, kept, header] of persistence) {
  test(title, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(request);
    await peer.sees('\r\n\r\nok');
    t.is(/\r\nConnection: (.*)\r\n/.exec(peer.text)?.[1], header);
    if (kept) {
      peer.write(get('/b'));
      await peer.until(({ text }) => text.endsWith(ok));
    } else t.is(await peer.over(), 'fin');
    peer.end();
    await peer.over();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('what Connection names is dropped, except what frames, addresses or authorises', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(
    'POST /a HTTP/1.1\r\nHost: x\r\nConnection: A, host, content-length\r\nconnection: authorization, transfer-encoding,, te\r\n' +
      'a: 1\r\nA: 2\r\nAuthorization: z\r\nKeep-Alive: 5\r\nProxy-Connection: b\r\nUpgrade: h2c\r\nTE: gzip, trailers\r\nB: c\r\nContent-Length: 1\r\n\r\nx',
  );
  await peer.sees('ok');
  t.is(
    backend.requests[0]?.head,
    'POST /a HTTP/1.1\r\nHost: x\r\nAuthorization: z\r\nB: c\r\nTE: trailers\r\nContent-Length: 1\r\n\r\n',
  );
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('HTTP/1.0 without Host is sent on with the destination as Host', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  await ask(await sidecar.straight(backend.port), 'GET /a HTTP/1.0\r\n\r\n');
  t.is(backend.requests[0]?.head, `GET /a HTTP/1.1\r\nHost: 127.0.0.1:${backend.port}\r\n\r\n`);
});

test('Expect: 100-continue reaches the endpoint, and its 100 the client, before the body', async (t) => {
  const backend = await startBackend(t, async (peer) => {
    await peer.sees('\r\n\r\n');
    peer.write('HTTP/1.1 100 Continue\r\n\r\n');
    await peer.sees('abc');
    peer.write(ok);
  });
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  const head = 'POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';
  peer.write(head);
  await peer.sees('HTTP/1.1 100 Continue\r\n\r\n');
  t.is((await backend.peer(0)).text, head);
  peer.write('abc');
  await peer.sees('ok');
  t.is(peer.text, `HTTP/1.1 100 Continue\r\n\r\n${ok}`);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a final answer to Expect: 100-continue closes at once, since nobody knows whether the body comes', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', () => peer.write('HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n'));
  });
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write('POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
  t.is(await peer.over(), 'fin');
  t.is(peer.text, 'HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const expect of ['Expect: tea\r\n', 'Expect: 100-continue, tea\r\n', 'Expect: tea\r\nExpect: 100-continue\r\n']) {
  test(`${JSON.stringify(expect)} is 417`, async (t) => {
    const backend = await startOkBackend(t);
    const sidecar = setUp(t);
    t.regex(await ask(await sidecar.straight(backend.port), get('/a', expect)), /^HTTP\/1.1 417 /);
    t.deepEqual(backend.requests, []);
  });
}

test('a client that half-closes behind its request gets its response', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.once('data', async () => {
      await sleep(300);
      peer.write(ok);
    });
  });
  const sidecar = setUp(t);
  t.is(await ask(await sidecar.straight(backend.port), get('/a')), ok);
  t.is((await sidecar.logged(1))[0]?.['flags'], undefined);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that resets ends the work of the endpoint at once', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t);
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(get('/a'));
  const upstream = await backend.peer(0);
  await upstream.sees('\r\n\r\n');
  peer.reset();
  await upstream.over();
  const [entry] = await sidecar.logged(1);
  t.is(entry?.['flags'], 'DC');
  t.is(entry?.['status'], 499);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a head that does not arrive in time is 408, bytes that trickle in or not', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { headerTimeoutMs: 700 } });
  for (const start of ['GET /a HTTP/1.1\r\nHost: x\r\n', `${get('/a')}GET /a HT`]) {
    const peer = await connect(await sidecar.straight(backend.port));
    peer.write(start);
    const trickle = setInterval(() => peer.write('A'), 100);
    await peer.sees('HTTP/1.1 408 Request Timeout\r\n');
    clearInterval(trickle);
    peer.reset();
  }
  t.is(sidecar.entries.filter((entry) => entry['status'] === 408 && entry['flags'] === 'SI').length, 2);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a body that stops is 408, a response that does not come is 504', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, { limits: { progressTimeoutMs: 600 } });
  const port = await sidecar.straight(backend.port);
  for (const [request, status] of [
    ['POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na', 408],
    [get('/a'), 504],
  ] as const) {
    const peer = await connect(port);
    peer.write(request);
    t.is(await peer.over(), 'fin');
    t.regex(peer.text, new RegExp(`^HTTP/1.1 ${status} `));
    t.is(sidecar.entries.at(-1)?.['flags'], status === 408 ? 'SI' : 'UT');
    peer.end();
  }
  for (const upstream of backend.peers) await upstream.over();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a response that stops resets the client', async (t) => {
  const backend = await startBackend(t, (peer) => peer.socket.once('data', () => peer.write(ok.slice(0, -1))));
  const sidecar = setUp(t, { limits: { progressTimeoutMs: 3000 } });
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(get('/a'));
  t.is(await peer.over(), 'reset');
  t.is((await sidecar.logged(1))[0]?.['flags'], 'UT');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an idle connection is closed with a FIN', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t, { limits: { idleTimeoutMs: 600 } });
  const peer = await connect(await sidecar.straight(backend.port));
  peer.write(get('/a'));
  await peer.sees('ok');
  t.is(await peer.over(), 'fin');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('draining down closes idle connections, lets requests end with Connection: close, and cuts off what stays', async (t) => {
  let answer: (() => void) | undefined;
  const backend = await startBackend(t, (peer) => {
    peer.socket.on('data', (data) => {
      if (String(data).startsWith('GET /slow')) answer = () => peer.write(ok);
      else if (String(data).startsWith('GET /a')) peer.write(ok);
    });
  });
  const sidecar = setUp(t);
  sidecar.apply(routingSample({ protocol: 'http1' }), endpointsOf('cart', readyEndpoint(backend.port)));
  const port = await sidecar.service();
  const [idle, slow, stuck, silent] = [
    await connect(port),
    await connect(port),
    await connect(port),
    await connect(port),
  ];
  idle.write(get('/a'));
  await idle.sees('ok');
  slow.write(get('/slow'));
  stuck.write(get('/stuck'));
  const seen = (path: string): boolean => backend.peers.some(({ text }) => text.includes(path));
  for (let turn = 0; turn < 3000 && !(seen('/slow') && seen('/stuck')); turn++) await sleep(10);
  const draining = drain({ ...sidecar.draining, graceMs: 8000 });
  t.is(await idle.over(7000), 'fin');
  await silent.over(7000);
  for (const peer of [idle, silent]) peer.end();
  answer?.();
  await slow.over(7000);
  t.is(slow.text, ok.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  slow.end();
  t.is(stuck.ended, undefined);
  await draining;
  await stuck.over();
  t.is(stuck.text, '');
  t.deepEqual(await sidecar.leftovers(), []);
});
