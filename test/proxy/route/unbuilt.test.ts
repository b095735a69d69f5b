import test from 'ava';
import type { Filter, Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const target = { type: 'Endpoints', endpoints: 'shop/mirror:80', protocol: 'detect' } as const;
const mirror: Filter = { type: 'RequestMirror', namespace: 'shop', name: 'mirror', port: 80, target, fraction: 1 };

const rows: readonly (readonly [what: string, rule: Partial<Rule>, answers: RegExp])[] = [
  ['A mirror', { filters: [mirror] }, /^HTTP\/1.1 500 [^]*RequestMirror: this sidecar cannot do it yet: upgrade it/],
  ['A mirror of a backend', { backends: [backendSample({ filters: [mirror] })] }, /^HTTP\/1.1 500 [^]*RequestMirror: /],
];

for (const [what, rule, answers] of rows) {
  test(`${what} that this sidecar cannot do yet is not left away in silence`, async (t) => {
    const server = await startOkBackend(t);
    const sidecar = setUp(t);
    const rules = [{ index: 0, filters: [], backends: [backendSample()], ...rule, matches: [matchSample()] }];
    const routing = routingSample({ routes: [{ ...routeSample([]), rules }] });
    t.is(sidecar.apply(routing, endpointsOf('cart', readyEndpoint(server.port)), endpointsOf('mirror')), undefined);
    t.regex(await ask(await sidecar.service(), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), answers);
    const [line] = await sidecar.logged(1);
    t.is(line?.['flags'], answers.source.includes('500') ? 'NFCF' : undefined);
    t.deepEqual(await sidecar.leftovers(), []);
  });
}
