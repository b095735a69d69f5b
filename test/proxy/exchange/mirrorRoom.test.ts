import test from 'ava';
import type { RequestMirror } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

function mirrorTo(name: string): RequestMirror {
  const target = { type: 'Endpoints', endpoints: `shop/${name}:80`, protocol: 'detect' } as const;
  return { type: 'RequestMirror', namespace: 'shop', name, port: 80, target, fraction: 1 };
}

// The places are the process's: this is a file of its own, so that no other test has some of them.
test('128 mirrors may be under way in all, of whatever backends; the others are dropped, and places that are free again are used', async (t) => {
  const cart = await startOkBackend(t);
  const names = ['one', 'two', 'three', 'four', 'five'];
  const silent = await Promise.all(names.map(() => startBackend(t, () => undefined)));
  const sidecar = setUp(t);
  const rule = { index: 0, filters: names.map(mirrorTo), backends: [backendSample()], matches: [matchSample()] };
  const groups = names.map((name, at) => endpointsOf(name, readyEndpoint(silent[at]?.port ?? 0)));
  const routing = routingSample({ routes: [{ ...routeSample([]), rules: [rule] }] });
  t.is(sidecar.apply(routing, endpointsOf('cart', readyEndpoint(cart.port)), ...groups), undefined);
  const port = await sidecar.service();
  const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const answers = await ask(port, get.repeat(30));
  t.is(answers.match(/HTTP\/1.1 200 /g)?.length, 30, 'no request fails of it');
  const copies = (await sidecar.logged(30)).flatMap((line) => String(line['mirrors']).split(', '));
  t.is(copies.length, 150);
  t.is(copies.filter((copy) => !copy.includes('not sent')).length, 128);
  t.is(copies.filter((copy) => copy.endsWith('(not sent: too many under way)')).length, 22);
  await Promise.all(silent.map((backend) => backend.close()));
  t.deepEqual(await sidecar.leftovers(), []);
  t.regex(await ask(port, get), /^HTTP\/1.1 200 /);
  const last = String((await sidecar.logged(31))[30]?.['mirrors']);
  t.false(last.includes('too many under way'), last);
});
