import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ApiError, isApiStatus } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import { createTokenFile } from '../../kubernetes/tokenFile.ts';
import { type Answer, failure, json, plainCredentials, startScripted } from './scripted.ts';

test('a request gives the decoded body, with query, method, body and content type as asked', async (t) => {
  const types: (string | undefined)[] = [];
  const { api, got } = await startScripted(t, [
    (entry, response, request) => {
      types.push(request.headers['content-type']);
      response.end(JSON.stringify({ got: entry.body }));
    },
  ]);
  const query = { limit: 500, watch: true, continue: undefined };
  t.deepEqual(await api.request({ path: '/api/v1/services', query }), { got: '' });
  t.is(got[0]?.url.search, '?limit=500&watch=true');
  const patch = {
    method: 'PATCH',
    path: '/apis/x',
    body: { a: 1 },
    contentType: 'application/merge-patch+json',
  } as const;
  t.deepEqual(await api.request(patch), { got: '{"a":1}' });
  t.deepEqual(types, [undefined, 'application/merge-patch+json']);
});

test('an answer that is not 2xx is an ApiError with the reason and message of its Status', async (t) => {
  const { api } = await startScripted(t, [failure(409, 'Conflict', 'the object has been modified')]);
  const error = await t.throwsAsync(api.request({ method: 'PUT', path: '/api/v1/x', body: {} }));
  t.true(error instanceof ApiError && isApiStatus(error, 409));
  t.like(error, { reason: 'Conflict', message: 'PUT /api/v1/x: 409 the object has been modified' });
});

test('an error without a Status object, as a load balancer sends it, still has a reason', async (t) => {
  const { api } = await startScripted(t, [(_, response) => void response.writeHead(403).end('<html>no</html>')]);
  const error = await t.throwsAsync(api.request({ path: '/api/v1/x' }));
  t.like(error, { status: 403, reason: 'Forbidden', message: 'GET /api/v1/x: 403 <html>no</html>' });
});

test('a GET is sent again after 503 and 429, not before Retry-After has passed', async (t) => {
  const { api, got } = await startScripted(t, [
    failure(503, 'ServiceUnavailable'),
    json(429, { reason: 'TooManyRequests' }, { 'retry-after': '1' }),
    json(200, { fine: true }),
  ]);
  const start = performance.now();
  t.deepEqual(await api.request({ path: '/api/v1/x' }), { fine: true });
  t.true(performance.now() - start >= 1000);
  t.is(got.length, 3);
});

test('a POST is sent again after 429, which did nothing, and never after 500', async (t) => {
  const busy = await startScripted(t, [failure(429, 'TooManyRequests'), json(201, { made: 1 })]);
  t.deepEqual(await busy.api.request({ method: 'POST', path: '/x', body: {} }), { made: 1 });
  const broken = await startScripted(t, [failure(500, 'InternalError')]);
  await t.throwsAsync(broken.api.request({ method: 'POST', path: '/x', body: {} }), { instanceOf: ApiError });
  t.is(broken.got.length, 1);
});

test('a server that stays unavailable ends a GET after four attempts', async (t) => {
  const { api, got } = await startScripted(t, [failure(503, 'ServiceUnavailable')]);
  await t.throwsAsync(api.request({ path: '/x' }), { instanceOf: ApiError });
  t.is(got.length, 4);
});

test('a Retry-After beyond the time of the request is not waited for', async (t) => {
  const { api, got } = await startScripted(t, [json(429, {}, { 'retry-after': '60' })]);
  // No Retry-After is waited for longer than five seconds.
  await t.throwsAsync(api.request({ path: '/x', timeoutMs: 4500 }), { instanceOf: ApiError });
  t.is(got.length, 1);
});

const cut: Answer = (_, response) => void response.destroy();

test('a connection that is cut before an answer is made anew for a GET and is an error for a POST', async (t) => {
  const get = await startScripted(t, [cut, json(200, { fine: true })]);
  t.deepEqual(await get.api.request({ path: '/x' }), { fine: true });
  const post = await startScripted(t, [cut, json(200, {})]);
  await t.throwsAsync(post.api.request({ method: 'POST', path: '/x', body: {} }));
});

test('a silent server is an error that names the request, after its timeout', async (t) => {
  const { api } = await startScripted(t, [() => {}]);
  await t.throwsAsync(api.request({ path: '/x', timeoutMs: 200 }), { message: 'GET /x: no answer within 200 ms' });
});

test('an answer that is no JSON is an error that says so', async (t) => {
  const { api } = await startScripted(t, [(_, response) => void response.end('<html>')]);
  await t.throwsAsync(api.request({ path: '/x' }), { message: /no JSON; is this a Kubernetes API server/ });
});

test('a stream gives its body as it comes, and ends with the server or with the signal', async (t) => {
  const { api } = await startScripted(t, [
    (_, response) => {
      response.write('one');
      setTimeout(() => response.end('two'), 100);
    },
    (_, response) => void response.write('endless'),
    failure(410, 'Expired'),
  ]);
  const chunks: string[] = [];
  for await (const chunk of await api.stream({ path: '/x' })) chunks.push(Buffer.from(chunk).toString());
  t.deepEqual(chunks, ['one', 'two']);
  const controller = new AbortController();
  const endless = await api.stream({ path: '/x', signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await t.throwsAsync(async () => {
    for await (const chunk of endless) t.is(Buffer.from(chunk).toString(), 'endless');
  });
  await t.throwsAsync(api.stream({ path: '/x' }), { instanceOf: ApiError });
});

const acceptNew: Answer = (got, response, request) => {
  const answer = got.token === 'Bearer new' ? json(200, {}) : failure(401, 'Unauthorized');
  return answer(got, response, request);
};

test('a token file is read again at once after a 401, and the request succeeds with the new token', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'heddle-token-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'token');
  await writeFile(file, 'old\n');
  const readToken = createTokenFile(file);
  const { origin, got } = await startScripted(t, [acceptNew]);
  const headers = async (last: 'accepted' | 'refused') => ({ authorization: `Bearer ${await readToken(last)}` });
  const api = await connectApi({ credentials: plainCredentials(origin, headers) });
  t.teardown(() => api.close());
  t.like(await t.throwsAsync(api.request({ path: '/x' })), { status: 401 });
  await writeFile(file, 'new\n');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await api.request({ path: '/x' });
  t.deepEqual(
    got.map(({ token }) => token),
    ['Bearer old', 'Bearer old', 'Bearer old', 'Bearer new'],
  );
  await rm(file);
  await api.request({ path: '/x' });
});

test('a token file that is not there is an error that says what to do', async (t) => {
  const read = createTokenFile('/nowhere/token');
  await t.throwsAsync(read('accepted'), { message: /\/nowhere\/token cannot be read; mount a ServiceAccount token/ });
});
