import test from 'ava';
import { markFlag, takeFlagMark } from '../../../proxy/exchange/flagMark.ts';
import { ResponseHead } from '../../../proxy/message/head.ts';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const get = 'GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const says = 'the sidecar of the endpoint says: ';

test('what the sidecar of the endpoint says of its answer stands in the line of the caller, and nowhere else', async (t) => {
  const called = setUp(t);
  // No test is ever given this port: nobody listens there.
  const inbound = await called.straight(1);
  const calling = setUp(t);
  calling.apply(routingSample(), endpointsOf('cart', readyEndpoint(inbound)));
  const text = await ask(await calling.service(), get);
  t.regex(text, /^HTTP\/1\.1 503 /);
  t.notRegex(text, /heddle-(?:flag|resend)/i);
  t.like((await called.logged(1))[0], { flags: 'UF', reason: 'connecting to the endpoint failed: ECONNREFUSED' });
  t.like((await calling.logged(1))[0], {
    status: 503,
    flags: 'UF',
    reason: `${says}connecting to the endpoint failed: ECONNREFUSED; not sent again: there is no other endpoint`,
  });
  t.deepEqual(await calling.leftovers(), []);
});

test('what an application says for itself is taken out before anybody reads it', async (t) => {
  const reply = 'HTTP/1.1 503 No\r\nHeddle-Flag: UF made up\r\nContent-Length: 0\r\n\r\n';
  const backend = await startOkBackend(t, reply);
  const sidecar = setUp(t);
  t.notRegex(await ask(await sidecar.straight(backend.port), get), /heddle-flag/i);
  t.is((await sidecar.logged(1))[0]?.['flags'], undefined);
});

test('of a server without a sidecar it is taken for what it may be, bounded, and taken out', async (t) => {
  const mark = `UC ${'b\x80\t'.repeat(200)}`;
  const backend = await startOkBackend(t, `HTTP/1.1 500 No\r\nHeddle-Flag: ${mark}\r\nContent-Length: 0\r\n\r\n`);
  const sidecar = setUp(t);
  sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port)));
  t.notRegex(await ask(await sidecar.service(), get), /heddle-flag/i);
  const reason = `${says}${'b??'.repeat(100).slice(0, 200)}`;
  t.like((await sidecar.logged(1))[0], { status: 500, flags: 'UC', reason });
});

for (const [what, value, reason] of [
  ['no flag', 'hello world', undefined],
  ['a property of every object', 'constructor', undefined],
  ['nothing', '', undefined],
  ['a flag alone', 'UH', `${says}the backend has no endpoint that is ready or serving`],
] as const) {
  test(`a mark with ${what} means ${reason ?? 'nothing'}`, (t) => {
    const head = new ResponseHead();
    head.headers.append('heddle-flag', value);
    t.is(takeFlagMark(head)?.reason, reason);
    t.is(head.headers.get('heddle-flag'), undefined);
  });
}

test('a reason that no field may hold is made into one', (t) => {
  const head = new ResponseHead();
  markFlag(head, 'UF', 'no\r\nway: é');
  t.is(head.headers.get('heddle-flag'), 'UF no??way: ?');
});
