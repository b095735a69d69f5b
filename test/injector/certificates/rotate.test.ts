import test, { type ExecutionContext } from 'ava';
import { reconcileAuthorities } from '../../../injector/certificates/reconcileAuthorities.ts';
import type { Authorities } from '../../../injector/certificates/types.ts';
import { createLog } from '../../../runtime/log.ts';
import { failure, startScripted } from '../../kubernetes/scripted.ts';

const log = createLog('test', 'fatal', {
  write: () => undefined,
  writeAscii: () => undefined,
  flushSync: () => undefined,
});
const day = 86_400_000;
const lifetimes = { authorityMs: 3650 * day, certificateMs: 90 * day, overlapMs: day };

type Secret = {
  metadata: { annotations?: Record<string, string>; resourceVersion?: string };
  data: Record<string, string>;
};

/** A cluster's Secret heddle-ca, and an injector that looks at it. */
async function start(t: ExecutionContext) {
  const store: { secret: Secret | undefined } = { secret: undefined };
  const { api } = await startScripted(t, [
    (request, response, incoming) => {
      if (request.method !== 'GET') store.secret = JSON.parse(request.body) as Secret;
      if (store.secret === undefined) return failure(404, 'NotFound')(request, response, incoming);
      response.writeHead(200).end(JSON.stringify(store.secret));
      return undefined;
    },
  ]);
  let at = Date.UTC(2030, 0, 1);
  let known: Authorities | undefined;
  const look = async (): Promise<Authorities> => {
    known = await reconcileAuthorities({ api, namespace: 'heddle-system', lifetimes, log, now: () => at }, known);
    return known;
  };
  const ask = (): void => {
    const annotations = { ...store.secret?.metadata.annotations, 'heddle.dev/rotate': 'now', 'kept.example/x': '1' };
    if (store.secret !== undefined) store.secret = { ...store.secret, metadata: { annotations } };
  };
  return { store, look, ask, pass: (ms: number) => void (at += ms) };
}

test('the annotation heddle.dev/rotate brings a successor, which signs after the overlap', async (t) => {
  const { store, look, ask, pass } = await start(t);
  const first = await look();
  ask();
  const prepared = await look();
  t.is(prepared.signing.certificate.pem, first.signing.certificate.pem);
  t.is(prepared.trusted.length, 2);
  t.is(store.secret?.metadata.annotations?.['heddle.dev/rotate'], undefined, 'taken off, or it would go on for ever');
  t.is(store.secret?.metadata.annotations?.['kept.example/x'], '1');
  t.deepEqual(await look(), prepared);
  pass(day);
  const promoted = await look();
  t.is(prepared.next?.pair.certificate.pem, promoted.signing.certificate.pem);
  t.is(promoted.trusted.length, 2);
  pass(91 * day);
  t.is((await look()).trusted.length, 1);
});

test('asked for again while one is under way, nothing else begins', async (t) => {
  const { store, look, ask } = await start(t);
  await look();
  ask();
  const prepared = await look();
  ask();
  t.deepEqual(await look(), prepared);
  t.is(store.secret?.metadata.annotations?.['heddle.dev/rotate'], undefined);
});

test('a CA that is trusted no longer is taken out by emptying ca.crt: the others are put back', async (t) => {
  const { store, look, ask, pass } = await start(t);
  const first = await look();
  ask();
  await look();
  pass(day);
  await look();
  if (store.secret !== undefined) store.secret.data['ca.crt'] = '';
  const { trusted, signing } = await look();
  t.deepEqual(
    trusted.map(({ pem }) => pem),
    [signing.certificate.pem],
  );
  t.not(signing.certificate.pem, first.signing.certificate.pem);
});

test('a Secret that is deleted is written back', async (t) => {
  const { store, look } = await start(t);
  const first = await look();
  store.secret = undefined;
  t.deepEqual(await look(), first);
  t.truthy(store.secret);
});
