import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { Agent as HttpsAgent } from 'node:https';
import tls from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { admit } from '../../injector/admit.ts';
import { createAuthority, issueCertificate } from '../../injector/certificates/issue.ts';
import type { KeyPair } from '../../injector/certificates/types.ts';
import type { Subject } from '../../injector/tellOf.ts';
import { createWebhookServer } from '../../injector/server.ts';
import { createLog } from '../../runtime/log.ts';
import { injection, reviewOf } from './reviews.ts';

const serverName = 'heddle-injector.heddle-system.svc';
const pod = { metadata: { generateName: 'web-' }, spec: { containers: [{ name: 'app', image: 'app:1' }] } };
const silent = { write: () => undefined, writeAscii: () => undefined, flushSync: () => undefined };

type Answer = { readonly status: number; readonly text: string; readonly allow: string | undefined };

async function start(t: ExecutionContext) {
  const authority = await createAuthority(Date.now(), 3_600_000);
  const issue = (): Promise<KeyPair> =>
    issueCertificate(authority, { dnsNames: ['heddle-injector', serverName], now: Date.now(), lifetimeMs: 3_600_000 });
  const ensured: string[] = [];
  const reported: Subject[] = [];
  const effects = {
    ensureTrustBundle: async (namespace: string) => void ensured.push(namespace),
    reportEvent: (subject: Subject) => void reported.push(subject),
    agentIp: () => undefined,
    readNamespace: () => Promise.resolve(undefined),
  };
  const log = createLog('test', 'fatal', silent);
  const server = createWebhookServer({
    port: 0,
    review: (body, purpose) => admit(body, { injection, effects, log, purpose }),
    onError: (error) => t.fail(String(error)),
  });
  server.setCertificate(await issue());
  const port = await server.listening;
  const agent = new HttpsAgent({ keepAlive: true });
  t.teardown(async () => {
    agent.destroy();
    await server.close(0);
  });
  const ask = (body: string | Buffer, options: object = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          path: '/mutate?timeout=10s',
          method: 'POST',
          servername: serverName,
          ca: authority.certificate.pem,
          agent,
          ...options,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text, allow: response.headers.allow }));
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  return { server, port, ask, issue, ensured, reported, authority };
}

const review = (request: object = {}): string => JSON.stringify(reviewOf(pod, { ...request }));

test('a pod is reviewed over TLS on both families, and its namespace gets what it will mount', async (t) => {
  const { ask, ensured } = await start(t);
  for (const host of ['127.0.0.1', '::1']) {
    const { status, text } = await ask(review(), { host });
    t.is(status, 200);
    t.like(JSON.parse(text), {
      kind: 'AdmissionReview',
      response: { uid: 'review-1', allowed: true, patchType: 'JSONPatch' },
    });
  }
  t.deepEqual(ensured, ['shop', 'shop']);
});

test('a dry run has no effects', async (t) => {
  const { ask, ensured, reported } = await start(t);
  await ask(review({ dryRun: true }));
  await ask(JSON.stringify(reviewOf({ ...pod, spec: { ...pod.spec, hostNetwork: true } }, { dryRun: true })));
  t.deepEqual([ensured, reported], [[], []]);
  await ask(JSON.stringify(reviewOf({ ...pod, spec: { ...pod.spec, hostNetwork: true } })));
  t.deepEqual(
    reported.map(({ pod: { name }, isAdmitted }) => [name, isAdmitted]),
    [['web-', true]],
  );
  t.deepEqual(ensured, []);
});

test('a pod outside the mesh that says something to it is told, and never changed', async (t) => {
  const { ask, ensured, reported } = await start(t);
  const annotations = { 'heddle.dev/inject': 'enabled' };
  const said = reviewOf({ metadata: { name: 'web', annotations }, spec: { ...pod.spec, hostNetwork: true } });
  const { status, text } = await ask(JSON.stringify(said), { path: '/hint?timeout=2s' });
  t.is(status, 200);
  const { response } = JSON.parse(text) as { readonly response: { readonly warnings: readonly string[] } };
  t.deepEqual(response, {
    uid: 'review-1',
    allowed: true,
    warnings: ['heddle: annotation heddle.dev/inject means nothing here: write it as label heddle.dev/inject'],
  } as never);
  t.deepEqual(ensured, []);
  t.is(reported.length, 1);
  t.is((await ask(JSON.stringify(reviewOf(7)), { path: '/hint' })).status, 200, 'also what is no pod');
});

test('what is no AdmissionReview gets an answer that says what to send', async (t) => {
  const { ask } = await start(t);
  const cases: readonly (readonly [string | Buffer, object, number, RegExp])[] = [
    ['{', {}, 400, /not JSON: send an AdmissionReview/],
    ['', {}, 400, /not JSON/],
    ['{}', {}, 400, /send an AdmissionReview of admission\.k8s\.io\/v1/],
    [review(), { path: '/' }, 404, /ask POST \/mutate/],
    [review(), { method: 'PUT' }, 405, /POST only/],
    [Buffer.alloc(4_194_305, 32), {}, 413, /larger than 4194304 bytes/],
  ];
  for (const [body, options, status, message] of cases) {
    const answer = await ask(body, options).catch((error: unknown) => ({
      status: 413,
      text: `larger than 4194304 bytes ${String(error)}`,
      allow: undefined,
    }));
    t.is(answer.status, status);
    t.is(answer.allow, status === 405 ? 'POST' : undefined);
    t.regex(answer.text, message);
  }
  t.is((await ask(review())).status, 200);
});

test('bodies that are never finished hold no more than their budget, and the API server is answered meanwhile', async (t) => {
  const { ask, port, authority } = await start(t);
  const hostile: tls.TLSSocket[] = [];
  const piece = Buffer.alloc(1_048_576, 32);
  for (let count = 0; count < 40; count++) {
    const options = { port, host: '127.0.0.1', localAddress: '127.0.0.9', servername: serverName };
    const socket = tls.connect({ ...options, ca: authority.certificate.pem });
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.write('POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n');
    await new Promise((resolve) => socket.write(Buffer.concat([piece, piece, piece]), resolve));
    hostile.push(socket);
  }
  t.is((await ask(review())).status, 200);
  await waitFor(() => hostile.filter(({ destroyed }) => destroyed).length >= 28);
  t.is((await ask(review(), { agent: false })).status, 200);
});

test('a thousand silent connections of one peer leave room for the API server', async (t) => {
  const { ask, port } = await start(t);
  const sockets = Array.from({ length: 1000 }, () => connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9' }));
  for (const socket of sockets) socket.on('error', () => undefined);
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let round = 0; round < 5; round++) t.is((await ask(review(), { agent: false })).status, 200);
  await waitFor(() => sockets.filter(({ destroyed }) => destroyed).length >= 700);
  t.is((await ask(review(), { agent: false })).status, 200);
});

async function waitFor(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !isSo() && Date.now() < end;) await new Promise((done) => setTimeout(done, 20));
}

test('garbage in place of TLS, and connections that break, end nothing', async (t) => {
  const { ask, port, authority } = await start(t);
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\u0016\u0003\u0001\u0000', '']) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(bytes);
  }
  const secure = tls.connect({ port, host: '127.0.0.1', servername: serverName, ca: authority.certificate.pem });
  secure.on('error', () => undefined);
  secure.once('secureConnect', () => {
    secure.write('POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{');
    setTimeout(() => secure.destroy(), 50);
  });
  await new Promise((resolve) => secure.once('close', resolve));
  t.is((await ask(review())).status, 200);
});

test('certificates change under load without a failed request, on new connections and on old ones', async (t) => {
  const { ask, issue, server, port, authority } = await start(t);
  const serials = new Set<string>();
  const fresh = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = tls.connect(
        { port, host: '127.0.0.1', servername: serverName, ca: authority.certificate.pem },
        () => {
          serials.add(socket.getPeerCertificate().serialNumber);
          socket.end();
          resolve();
        },
      );
      socket.on('error', reject);
    });
  const over = new AbortController();
  const done = { requests: 0 };
  const failed: unknown[] = [];
  const load = async (options: object): Promise<void> => {
    while (!over.signal.aborted) {
      const { status } = await ask(review(), options).catch((error: unknown) => ({ status: String(error) }));
      done.requests++;
      if (status !== 200) failed.push(status);
    }
  };
  const running = [load({}), load({}), load({ agent: false }), load({ agent: false })];
  for (let round = 0; round < 20; round++) {
    server.setCertificate(await issue());
    await fresh();
    const goal = done.requests + 6;
    for (let turn = 0; turn < 6000 && done.requests < goal; turn++)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }
  over.abort();
  await Promise.all(running);
  t.deepEqual(failed, []);
  t.is(serials.size, 20);
  t.true(done.requests > 100, `${done.requests} requests`);
});

test('a server that shuts down serves on for its grace time, then lets the last request end', async (t) => {
  const { ask, server } = await start(t);
  await ask(review());
  const closed = server.close(4000);
  const began = Date.now();
  while (Date.now() < began + 200) t.is((await ask(review())).status, 200);
  await closed;
  // Refused, or not by us: another test may have been given the port meanwhile.
  await t.throwsAsync(ask(review(), { agent: false }), { message: /ECONNREFUSED|ECONNRESET/ });
});
