import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const probeToken = '0123456789abcdef0123456789abcdef';
const get = (lines = ''): string => `GET /a HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;

for (const direction of ['inbound', 'outbound'] as const) {
  for (const lines of [
    'heddle-probe: guessed\r\n',
    'Heddle-Probe: guessed\r\nHEDDLE-PROBE: again\r\n',
    `heddle-probe: ${probeToken}\r\n`.replace('0', '1'),
    'heddle-resend: any\r\n',
    'heddle-identity: somebody\r\n',
    'heddle-: \r\n',
    `heddle-probe: ${probeToken}\r\nheddle-probe: ${probeToken}\r\n`,
  ]) {
    test(`${JSON.stringify(lines)} of a client goes no further, ${direction}`, async (t) => {
      const backend = await startOkBackend(t);
      await ask(await setUp(t, { probeToken }).straight(backend.port, direction), get(`A: b\r\n${lines}C: d\r\n`));
      t.is(backend.requests[0]?.head, get('A: b\r\nC: d\r\n'));
    });
  }
}

test('the right token on a later request never reaches the application', async (t) => {
  const backend = await startOkBackend(t);
  const port = await setUp(t, { probeToken }).straight(backend.port);
  await ask(port, get() + get(`heddle-probe: ${probeToken}\r\n`));
  t.deepEqual(
    backend.requests.map(({ head }) => head),
    [get(), get()],
  );
});

test('fields that only begin alike pass', async (t) => {
  const backend = await startOkBackend(t);
  const lines = 'heddle: a\r\nheddles-x: b\r\nHost-Heddle-probe: c\r\nhaddle-probe: d\r\n';
  await ask(await setUp(t).straight(backend.port), get(lines));
  t.is(backend.requests[0]?.head, get(lines));
});

test('trailers of a client do not bring them either', async (t) => {
  const backend = await startOkBackend(t);
  const request = `POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nheddle-probe: ${probeToken}\r\nA: b\r\n\r\n`;
  await ask(await setUp(t).straight(backend.port), request);
  t.is(backend.requests[0]?.body, '0\r\nA: b\r\n\r\n');
});

for (const direction of ['inbound', 'outbound'] as const) {
  test(`an application's mark for sidecars is taken out of any response, ${direction}`, async (t) => {
    const ok = 'HTTP/1.1 200 OK\r\nheddle-resend: any\r\nContent-Length: 2\r\n\r\nok';
    const backend = await startOkBackend(t, ok);
    const answer = await ask(await setUp(t).straight(backend.port, direction), get());
    t.is(answer, ok.replace('heddle-resend: any\r\n', ''));
  });
}

test('without a name there is no Via, and what others wrote stays', async (t) => {
  const backend = await startOkBackend(t);
  await ask(await setUp(t).straight(backend.port), get('Via: 1.1 other\r\n'));
  t.is(backend.requests[0]?.head, get('Via: 1.1 other\r\n'));
});

for (const [version, head] of [
  ['1.1', get('Via: 1.1 other\r\n')],
  ['1.0', get('Via: 1.1 other\r\n').replace('HTTP/1.1', 'HTTP/1.0')],
] as const) {
  test(`with a name a request of HTTP/${version} and its response get a Via`, async (t) => {
    const reply = 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const backend = await startOkBackend(t, reply);
    const answer = await ask(await setUp(t, { via: 'mesh' }).straight(backend.port), head);
    t.is(backend.requests[0]?.head, get(`Via: 1.1 other\r\nVia: ${version} mesh\r\n`));
    t.regex(answer, /^HTTP\/1.1 200 OK\r\nVia: 1.0 mesh\r\n/);
  });
}
