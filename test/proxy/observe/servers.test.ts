import { once } from 'node:events';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { AccessLogLevel } from '../../../proxy/observe/accessLog.ts';
import { serveAdmin } from '../../../proxy/observe/admin.ts';
import { createMetrics, serveMetrics } from '../../../proxy/observe/metrics.ts';
import { type Readiness, serveReady } from '../../../runtime/ready.ts';

async function admin(t: ExecutionContext) {
  const subject = {
    config: () => ({ services: ['shop/cart:80'] }),
    revision: () => '12',
    log: { level: 'info' },
    accessLog: { mode: 'all', sampleOneIn: 1 } as AccessLogLevel,
  };
  const server = await serveAdmin({ port: 0, subject, onError: (error) => t.fail(String(error)) });
  t.teardown(() => server.close());
  return { subject, port: server.port, url: `http://127.0.0.1:${server.port}` };
}

test('the admin port shows the routing table and its revision', async (t) => {
  const { url } = await admin(t);
  t.deepEqual(await (await fetch(`${url}/config`)).json(), { services: ['shop/cart:80'] });
  t.is(await (await fetch(`${url}/config/revision`)).text(), '12\n');
  t.regex(await (await fetch(url)).text(), /GET \/config/);
});

test('the log level is changed by PUT and only to a known level', async (t) => {
  const { url, subject } = await admin(t);
  const changed = await fetch(`${url}/log-level?level=debug`, { method: 'PUT' });
  t.is(changed.status, 200);
  t.is(subject.log.level, 'debug');
  const refused = await fetch(`${url}/log-level?level=loud`, { method: 'PUT' });
  t.is(refused.status, 400);
  t.regex(await refused.text(), /one of trace, debug/);
  t.is(subject.log.level, 'debug');
  t.is(await (await fetch(`${url}/log-level`)).text(), 'debug\n');
});

test('the access log is changed by PUT, wrong values change nothing', async (t) => {
  const { url, subject } = await admin(t);
  t.is((await fetch(`${url}/access-log?mode=errors&sample=100`, { method: 'PUT' })).status, 200);
  t.deepEqual(subject.accessLog, { mode: 'errors', sampleOneIn: 100 });
  for (const query of ['mode=some', 'sample=0', 'sample=-1', 'mode=all&sample=x']) {
    t.is((await fetch(`${url}/access-log?${query}`, { method: 'PUT' })).status, 400, query);
  }
  t.deepEqual(subject.accessLog, { mode: 'errors', sampleOneIn: 100 });
});

test('a page of the web can neither read nor change anything on the admin port', async (t) => {
  const { port, subject } = await admin(t);
  const ask = async (head: string): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.end(`${head}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  };
  const change = 'PUT /access-log?mode=off HTTP/1.1\r\nHost:';
  t.regex(await ask('GET /config HTTP/1.1\r\nHost: rebound.example'), /^HTTP\/1\.1 403 [\s\S]*call it as localhost/);
  t.regex(await ask(`${change} rebound.example:${port}`), /^HTTP\/1\.1 403/);
  t.regex(
    await ask(`${change} localhost:${port}\r\nOrigin: http://evil.example`),
    /^HTTP\/1\.1 403 [\s\S]*another origin/,
  );
  t.regex(await ask(`${change} localhost:${port}\r\nSec-Fetch-Site: cross-site`), /^HTTP\/1\.1 403/);
  t.regex(await ask('GET /config HTTP/1.0'), /^HTTP\/1\.1 403/);
  t.is(subject.accessLog.mode, 'all');
  t.regex(await ask(`${change} localhost:${port}`), /^HTTP\/1\.1 200/);
  t.is(subject.accessLog.mode, 'off');
});

test('scrapes within a second are answered alike, however many', async (t) => {
  const metrics = createMetrics();
  let rendered = 0;
  const counting = { ...metrics, render: () => (rendered++, metrics.render()) };
  const server = await serveMetrics({ port: 0, metrics: counting, onError: (error) => t.fail(String(error)) });
  t.teardown(() => server.close());
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  const texts = await Promise.all(Array.from({ length: 8 }, scrape));
  t.is(new Set(texts).size, 1);
  t.is(rendered, 1);
});

for (const [method, path, status, allow] of [
  ['GET', '/nowhere', 404, null],
  ['GET', '/constructor', 404, null],
  ['POST', '/config', 405, 'GET, HEAD'],
  ['DELETE', '/log-level', 405, 'GET, HEAD, PUT'],
  ['PUT', '/toString', 404, null],
] as const) {
  test(`${method} ${path} on the admin port is ${status} with the help`, async (t) => {
    const { url } = await admin(t);
    const response = await fetch(`${url}${path}`, { method });
    t.is(response.status, status);
    t.regex(await response.text(), /PUT \/log-level/);
    t.is(response.headers.get('allow'), allow);
  });
}

test('the admin port answers on ::1 and not beyond loopback', async (t) => {
  const { port } = await admin(t);
  t.is((await fetch(`http://[::1]:${port}/config/revision`)).status, 200);
  const elsewhere = connect({ host: '127.0.0.2', port });
  const [error] = (await once(elsewhere, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
});

test('readiness follows its subject, liveness does not', async (t) => {
  let state: Readiness = { ready: false, message: 'no configuration yet' };
  const server = await serveReady({ port: 0, readiness: () => state, onError: (error) => t.fail(String(error)) });
  t.teardown(() => server.close());
  const waiting = await fetch(`http://127.0.0.1:${server.port}/ready`);
  t.is(waiting.status, 503);
  t.is(await waiting.text(), 'no configuration yet\n');
  t.is((await fetch(`http://[::1]:${server.port}/live`)).status, 200);
  state = { ready: true };
  t.is((await fetch(`http://127.0.0.1:${server.port}/ready`)).status, 200);
  t.is((await fetch(`http://127.0.0.1:${server.port}/metrics`)).status, 404);
  const put = await fetch(`http://127.0.0.1:${server.port}/live`, { method: 'PUT' });
  t.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, HEAD']);
});

test('the metrics port serves the text format', async (t) => {
  const server = await serveMetrics({ port: 0, metrics: createMetrics(), onError: (error) => t.fail(String(error)) });
  t.teardown(() => server.close());
  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  t.is(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  t.regex(await response.text(), /# TYPE outbound_http_route_request_duration_seconds histogram/);
});

test('an answer that throws is 500, reported, and the server goes on', async (t) => {
  const errors: unknown[] = [];
  const broken = {
    config: () => {
      throw new Error('broken');
    },
    revision: () => '1',
    log: { level: 'info' },
    accessLog: { mode: 'all', sampleOneIn: 1 } as AccessLogLevel,
  };
  const server = await serveAdmin({ port: 0, subject: broken, onError: (error) => errors.push(error) });
  t.teardown(() => server.close());
  t.is((await fetch(`http://127.0.0.1:${server.port}/config`)).status, 500);
  t.is(errors.length, 1);
  t.is((await fetch(`http://127.0.0.1:${server.port}/config/revision`)).status, 200);
});

for (const [title, bytes] of [
  ['binary garbage', Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 37) % 256))],
  ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
  ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a head without end', `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}`],
  ['a wrong target', 'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['both framings', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
  ['an unfinished body', 'PUT /log-level HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc'],
] as const) {
  test(`${title} on an operator's port harms nothing`, async (t) => {
    const { port, url } = await admin(t);
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    socket.write(bytes);
    socket.end();
    socket.resume();
    await once(socket, 'close');
    t.is((await fetch(`${url}/config/revision`)).status, 200);
  });
}
