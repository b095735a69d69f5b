import test from 'ava';
import { type AccessEntry, type AccessLogLevel, createAccessLog } from '../../../proxy/observe/accessLog.ts';
import { endpointFragment, explanationFragment } from '../../../proxy/observe/fragment.ts';

const explanation = explanationFragment({
  service: 'shop/cart:80',
  route: 'HTTPRoute shop/cart',
  rule: 1,
  ruleName: 'canary "blue"',
  matched: 'PathPrefix /api',
  backend: 'shop/cart-v2:8080',
  share: '90%',
  revision: '7',
});

const request: AccessEntry = {
  message: 'request',
  direction: 'outbound',
  peer: undefined,
  method: 'GET',
  path: '/api/items?token=secret',
  status: 200,
  durationMs: 1.2345,
  explanation,
  endpoint: endpointFragment({ endpoint: '10.0.0.9:8080', pod: 'cart-v2-x' }),
  filtered: undefined,
  attempts: 1,
  retriedAfter: undefined,
  traceId: undefined,
  bytesIn: 0,
  bytesOut: 1024,
  flag: undefined,
  reason: undefined,
};

function collect(level: AccessLogLevel = { mode: 'all', sampleOneIn: 1 }) {
  const lines: string[] = [];
  let time = Date.parse('2026-11-21T10:00:00.007Z');
  const log = createAccessLog({
    program: 'heddle-sidecar',
    destination: { writeAscii: (line) => void lines.push(line) },
    level,
    isDebug: () => false,
    now: () => time,
  });
  return { log, lines, setTime: (ms: number) => (time = ms) };
}

function fields(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? '') as Record<string, unknown>;
}

test('a request is one JSON line whose fields read as a sentence', (t) => {
  const { log, lines } = collect();
  log.write(request);
  t.is(
    lines.join(''),
    '{"level":"info","time":"2026-11-21T10:00:00.007Z","program":"heddle-sidecar","message":"request",' +
      '"direction":"outbound","method":"GET","path":"/api/items","status":200,"durationMs":1.235,' +
      '"service":"shop/cart:80","route":"HTTPRoute shop/cart","rule":1,"ruleName":"canary \\"blue\\"",' +
      '"matched":"PathPrefix /api","backend":"shop/cart-v2:8080","share":"90%",' +
      '"endpoint":"10.0.0.9:8080","pod":"cart-v2-x","bytesIn":0,"bytesOut":1024,"revision":"7"}\n',
  );
});

test('a long method is cut', (t) => {
  const { log, lines } = collect();
  log.write({ ...request, method: 'M'.repeat(64) });
  log.write({ ...request, method: '"'.repeat(40_000) });
  t.regex(lines[0] ?? '', /"method":"M{64}"/);
  t.is(fields(lines[1])['method'], `${'"'.repeat(64)}...[cut]`);
  t.true((lines[1]?.length ?? 0) < 1000);
});

test('more than one endpoint tried is said', (t) => {
  const { log, lines } = collect();
  log.write({ ...request, attempts: 3, retriedAfter: '10.0.0.1:80: it answered "503"' });
  t.regex(
    lines[0] ?? '',
    /"pod":"cart-v2-x","attempts":3,"retriedAfter":"10.0.0.1:80: it answered \\"503\\"","bytesIn"/,
  );
});

test('what is absent is left out', (t) => {
  const { log, lines } = collect();
  log.write({
    ...request,
    message: 'connection',
    direction: 'inbound',
    method: undefined,
    path: undefined,
    status: 0,
    explanation: undefined,
    endpoint: undefined,
  });
  t.deepEqual(Object.keys(fields(lines[0])), [
    'level',
    'time',
    'program',
    'message',
    'direction',
    'durationMs',
    'bytesIn',
    'bytesOut',
  ]);
});

test('a flag comes with its plain reason, a more exact reason replaces it', (t) => {
  const { log, lines } = collect();
  log.write({ ...request, status: 503, flag: 'UH' });
  log.write({ ...request, status: 503, flag: 'UF', reason: 'connect ECONNREFUSED 10.0.0.9:8080' });
  t.like(fields(lines[0]), {
    level: 'warn',
    flags: 'UH',
    reason: 'the backend has no endpoint that is ready or serving',
  });
  t.like(fields(lines[1]), { flags: 'UF', reason: 'connect ECONNREFUSED 10.0.0.9:8080' });
});

for (const [title, target, logged] of [
  ['a quote', '/a"b', '/a"b'],
  ['a backslash', '/a\\b', '/a\\b'],
  ['a line break', '/a\n{"level":"info"}', '/a\n{"level":"info"}'],
  ['an escape sequence for terminals', '/\u001B[31m', '/\u001B[31m'],
  ['a C1 control', '/\u009B31m', '/\u009B31m'],
  ['a line separator', '/\u2028', '/\u2028'],
] as const) {
  test(`a path with ${title} stays one line of printable characters and keeps its value`, (t) => {
    const { log, lines } = collect();
    log.write({ ...request, path: target });
    t.is(fields(lines[0])['path'], logged);
    t.regex(lines[0] ?? '', /^[ -~]+\n$/);
  });
}

test('a method cannot add a field', (t) => {
  const { log, lines } = collect();
  log.write({ ...request, method: 'GET","status":"1' });
  t.is(fields(lines[0])['method'], 'GET","status":"1');
  t.is(fields(lines[0])['status'], 200);
});

test('a path is cut to 2 KiB with a marker', (t) => {
  const { log, lines } = collect();
  log.write({ ...request, path: `/${'a'.repeat(8000)}` });
  t.is(fields(lines[0])['path'], `/${'a'.repeat(2047)}...[cut]`);
});

for (const [ms, text] of [
  [0, 0],
  [0.0004, 0],
  [0.0123, 0.012],
  [5, 5],
  [1234.5678, 1234.568],
  [-1, 0],
  [Number.NaN, 0],
] as const) {
  test(`a duration of ${ms} ms is logged as ${text}`, (t) => {
    const { log, lines } = collect();
    log.write({ ...request, durationMs: ms });
    t.is(fields(lines[0])['durationMs'], text);
  });
}

test('the time follows the clock, also backwards', (t) => {
  const { log, lines, setTime } = collect();
  for (const time of ['2026-11-21T10:00:00.999Z', '2026-11-21T10:00:01.000Z', '2026-11-21T09:59:59.045Z']) {
    setTime(Date.parse(time));
    log.write(request);
    t.is(fields(lines.at(-1))['time'], time);
  }
});

test('one in N successful requests is logged, and every error', (t) => {
  const { log, lines } = collect({ mode: 'all', sampleOneIn: 10 });
  for (let i = 0; i < 100; i++) log.write(request);
  t.is(lines.length, 10);
  for (let i = 0; i < 5; i++) log.write({ ...request, status: 502 });
  for (let i = 0; i < 5; i++) log.write({ ...request, flag: 'DC' });
  t.is(lines.length, 20);
});

test('the mode can be changed while running', (t) => {
  const { log, lines } = collect();
  log.level.mode = 'errors';
  log.write(request);
  t.is(lines.length, 0);
  log.write({ ...request, status: 500 });
  t.is(lines.length, 1);
  log.level.mode = 'off';
  log.write({ ...request, status: 500 });
  t.is(lines.length, 1);
});

test('an RPC has its service, method and status by name, and one that the server failed is a warning', (t) => {
  const { log, lines } = collect();
  const path = '/shop.v1.Cart/Add';
  log.write({ ...request, path, rpc: { path, status: 'NOT_FOUND' } });
  log.write({ ...request, path, rpc: { path, status: 'UNAVAILABLE' } });
  log.write({ ...request, path: '/', rpc: { path: '/', status: 'UNKNOWN' } });
  t.like(fields(lines[0]), {
    level: 'info',
    path,
    status: 200,
    grpcService: 'shop.v1.Cart',
    grpcMethod: 'Add',
    grpcStatus: 'NOT_FOUND',
  });
  t.like(fields(lines[1]), { level: 'warn', grpcStatus: 'UNAVAILABLE' });
  t.like(fields(lines[2]), { level: 'warn', grpcService: undefined, grpcMethod: undefined, grpcStatus: 'UNKNOWN' });
});
