import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Protocol } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { dataOf, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar, type SidecarOptions } from '../harness.ts';
import { ask } from '../peer.ts';
import { askHttp2, connectHttp2, readAnswer, startHttp2Server } from './clients.ts';

/** The Service with a route whose one backend is declared to speak this. */
export async function routed(
  t: ExecutionContext,
  protocol: Protocol,
  ports: readonly number[],
  options: SidecarOptions = {},
): Promise<{ readonly sidecar: Sidecar; readonly service: number }> {
  const sidecar = setUp(t, { random: () => 0, ...options });
  const backend = backendSample({ target: { type: 'Endpoints', endpoints: 'shop/cart:80', protocol } });
  const rules = [{ index: 0, matches: [matchSample()], filters: [], backends: [backend] }];
  sidecar.apply(
    routingSample({ routes: [{ ...routeSample([]), rules }] }),
    endpointsOf('cart', ...ports.map((port) => readyEndpoint(port))),
  );
  return { sidecar, service: await sidecar.service() };
}

const echo: Parameters<typeof startHttp2Server>[1] = (stream, headers) => {
  let body = '';
  stream.setEncoding('latin1');
  stream.on('data', (data) => {
    body += data as string;
  });
  stream.on('end', () => {
    stream.respond({ ':status': 201, 'x-path': headers[':path'] }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': String(body.length) }));
    stream.end(`got ${body}`);
  });
};

test('h2 to h2: heads, bodies and trailers pass', async (t) => {
  const server = await startHttp2Server(t, echo);
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  const answer = await askHttp2(session, { ':method': 'POST', ':path': '/a?b=c' }, 'hello');
  t.is(answer.status, 201);
  t.is(answer.headers['x-path'], '/a?b=c');
  t.is(answer.body, 'got hello');
  t.is(answer.trailers?.['x-sum'], '5');
  t.like((await sidecar.logged(1))[0], { method: 'POST', path: '/a', status: 201, bytesIn: 5, bytesOut: 9 });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('h1 to h2, where the backend is declared so', async (t) => {
  const server = await startHttp2Server(t, echo);
  const { sidecar, service } = await routed(t, 'http2', [server.port]);
  const answer = await ask(service, 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello');
  t.regex(answer, /^HTTP\/1\.1 201 /);
  t.true(answer.includes('got hello'), answer);
  t.regex(answer, /x-sum: 5/);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('h2 to h1, where the backend is declared so', async (t) => {
  const backend = await startOkBackend(t);
  const { sidecar, service } = await routed(t, 'http1', [backend.port]);
  const session = await connectHttp2(t, service);
  const answer = await askHttp2(session, { ':method': 'POST', ':path': '/a?b=c', 'x-a': '1' }, 'hello');
  t.like(answer, { status: 200, body: 'ok' });
  t.deepEqual(backend.problems, []);
  t.regex(backend.requests[0]?.head ?? '', /^POST \/a\?b=c HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/);
  t.is(backend.requests[0] === undefined ? '' : dataOf(backend.requests[0]), 'hello');
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('gRPC goes by HTTP/2 even to what is declared to speak HTTP/1.1', async (t) => {
  const server = await startHttp2Server(t, echo);
  const { sidecar, service } = await routed(t, 'http1', [server.port]);
  const session = await connectHttp2(t, service);
  t.is((await askHttp2(session, { ':method': 'POST', 'content-type': 'application/grpc+proto' }, 'x')).status, 201);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('without a route a request goes on as it came, whatever is declared of the port', async (t) => {
  const server = await startHttp2Server(t, echo);
  for (const protocol of ['detect', 'http1', 'http2'] as const) {
    const sidecar = setUp(t);
    sidecar.apply(routingSample({ protocol }), endpointsOf('cart', readyEndpoint(server.port)));
    const session = await connectHttp2(t, await sidecar.service());
    t.is((await askHttp2(session, { ':method': 'GET' })).status, 201, protocol);
    session.close();
    t.deepEqual(await sidecar.leftovers(), [], protocol);
  }
});

test('requests of one connection are balanced over the endpoints, one by one', async (t) => {
  const servers = [await startHttp2Server(t, echo), await startHttp2Server(t, echo), await startHttp2Server(t, echo)];
  const { sidecar, service } = await routed(
    t,
    'detect',
    servers.map(({ port }) => port),
    { random: Math.random },
  );
  const session = await connectHttp2(t, service);
  for (let round = 0; round < 20; round++)
    await Promise.all(Array.from({ length: 10 }, () => askHttp2(session, { ':method': 'GET' })));
  const endpoints = new Set((await sidecar.logged(200)).map(({ endpoint }) => endpoint));
  t.is(endpoints.size, 3);
  for (const { sessions } of servers) t.is(sessions.length, 1);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('no more streams are opened at a time than the server takes, and all requests are served', async (t) => {
  let now = 0;
  let most = 0;
  const server = await startHttp2Server(
    t,
    (stream) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        stream.respond({ ':status': 200 });
        stream.end('x');
      }, 2);
    },
    { maxConcurrentStreams: 3 },
  );
  const { sidecar, service } = await routed(t, 'detect', [server.port], { pool: { maxConnections: 2 } });
  const session = await connectHttp2(t, service);
  const answers = await Promise.all(Array.from({ length: 100 }, () => askHttp2(session, { ':method': 'GET' })));
  t.true(answers.every(({ status, body }) => status === 200 && body === 'x'));
  t.true(most <= 6, String(most));
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('interim responses pass, and Expect: 100-continue holds', async (t) => {
  const server = await startHttp2Server(t, (stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</a>' });
    stream.respond({ ':status': 200 });
    stream.end();
  });
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  const stream = session.request({ ':path': '/' });
  const [early] = (await once(stream, 'headers')) as [Record<string, unknown>];
  t.is(early[':status'], 103);
  t.is((await readAnswer(stream)).status, 200);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a response whose head ends its stream comes so to the client: gRPC has errors told like that', async (t) => {
  const server = await startHttp2Server(t, (stream) =>
    stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true }),
  );
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  const [answer, flag] = (await once(stream, 'response')) as [Record<string, unknown>, number];
  t.is(answer['grpc-status'], '5');
  t.is(flag & 1, 1);
  stream.close();
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a response may end before its request, and the rest of that is no longer wanted', async (t) => {
  const server = await startHttp2Server(t, (stream) => {
    stream.respond({ ':status': 413 });
    stream.end('too much');
  });
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.on('error', () => undefined);
  stream.write('begin');
  t.like(await readAnswer(stream), { status: 413, body: 'too much' });
  if (!stream.closed) await once(stream, 'close');
  t.is(stream.rstCode, 0);
  t.is((await askHttp2(session, { ':method': 'GET' })).status, 413);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('what the client gives up is given up upstream at once', async (t) => {
  const closed = Promise.withResolvers<number>();
  const begun = Promise.withResolvers<void>();
  const server = await startHttp2Server(t, (stream) => {
    stream.on('close', () => closed.resolve(stream.rstCode ?? -1));
    begun.resolve();
  });
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.on('error', () => undefined);
  await begun.promise;
  stream.close(8);
  t.is(await closed.promise, 8);
  t.like((await sidecar.logged(1))[0], { status: 499, flags: 'DC' });
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('100 MB to a slow reader hold no more than a window', async (t) => {
  const bytes = 100_000_000;
  const chunk = Buffer.alloc(100_000, 'x');
  const server = await startHttp2Server(t, (stream) => {
    stream.respond({ ':status': 200 });
    let left = bytes;
    const write = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!stream.write(chunk)) {
          stream.once('drain', write);
          return;
        }
      }
      stream.end();
    };
    write();
  });
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  const stream = session.request({ ':path': '/' });
  let got = 0;
  let most = 0;
  stream.on('data', (data) => {
    got += (data as Buffer).length;
    for (const { served } of sidecar.engine.connections) most = Math.max(most, served.held);
    if (got % 7 === 0) {
      stream.pause();
      setTimeout(() => stream.resume(), 2);
    }
  });
  await once(stream, 'end');
  t.is(got, bytes);
  t.true(most < 2_000_000, String(most));
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('100 MB to a server that reads slowly', async (t) => {
  const bytes = 100_000_000;
  let got = 0;
  const server = await startHttp2Server(t, (stream) => {
    stream.on('data', (data) => {
      got += (data as Buffer).length;
      if (got % 7 !== 0) return;
      stream.pause();
      setTimeout(() => stream.resume(), 2);
    });
    stream.on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end(String(got));
    });
  });
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  const chunk = Buffer.alloc(100_000, 'x');
  let most = 0;
  for (let left = bytes; left > 0; left -= chunk.length) {
    if (!stream.write(chunk)) await once(stream, 'drain');
    for (const { served } of sidecar.engine.connections) most = Math.max(most, served.held);
  }
  stream.end();
  t.is((await readAnswer(stream)).body, String(bytes));
  t.true(most < 2_000_000, String(most));
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a body flows from an HTTP/1.1 server to a slow HTTP/2 client', async (t) => {
  const bytes = 20_000_000;
  const server = http.createServer((_, response) => response.end(Buffer.alloc(bytes, 'x')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  const { sidecar, service } = await routed(t, 'http1', [(server.address() as net.AddressInfo).port]);
  const session = await connectHttp2(t, service);
  const stream = session.request({ ':path': '/' });
  await once(stream, 'response');
  await sleep(100);
  let got = 0;
  for await (const data of stream) got += (data as Buffer).length;
  t.is(got, bytes);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});
