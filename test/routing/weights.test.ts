import test from 'ava';
import * as fc from 'fast-check';
import { compileWeights } from '../../routing/weights.ts';
import { backendSample } from './samples.ts';

const backend = (name: string, weight: number) => backendSample({ name, weight });

test('Evenly spread numbers give each backend its share to within one draw', (t) => {
  const weights = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 16 });
  const property = fc.property(weights, (given) => {
    const backends = given.map((weight, index) => backend(`b${index}`, weight));
    const compiled = compileWeights(backends);
    const counts = new Map<unknown, number>();
    const draws = 1000;
    for (let draw = 0; draw < draws; draw += 1) {
      const chosen = compiled.choose((draw + 0.5) / draws);
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    }
    if (given.every((weight) => weight === 0)) return counts.get(undefined) === draws;
    return backends.every((one) => Math.abs((counts.get(one) ?? 0) - compiled.shareOf(one) * draws) <= 1);
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_126, numRuns: 300 }));
});

test('The borders between shares belong to the next backend', (t) => {
  const [a, b] = [backend('a', 1), backend('b', 3)];
  const { choose } = compileWeights([a, b]);
  t.is(choose(0), a);
  t.is(choose(0.249_999), a);
  t.is(choose(0.25), b);
  t.is(choose(0.999_999_999_999), b);
});

test('A backend of weight 0 is never chosen, first or last', (t) => {
  const [zero, one] = [backend('zero', 0), backend('one', 1)];
  for (const backends of [
    [zero, one],
    [one, zero],
  ]) {
    for (const random of [0, 0.5, 0.999_999_999_999_999_9, 1]) t.is(compileWeights(backends).choose(random), one);
  }
  t.is(compileWeights([zero, one]).shareOf(zero), 0);
});

test('No backend is chosen when there is none or all have weight 0', (t) => {
  const zero = backend('zero', 0);
  t.is(compileWeights([]).choose(0.5), undefined);
  t.is(compileWeights([zero]).choose(0.5), undefined);
  t.is(compileWeights([zero]).shareOf(zero), 0);
});

test('An invalid backend keeps its weight', (t) => {
  const invalid = backendSample({ weight: 1, target: { type: 'Invalid', reason: 'BackendNotFound', message: 'no' } });
  const { choose, shareOf } = compileWeights([invalid, backend('valid', 3)]);
  t.is(choose(0.1), invalid);
  t.is(shareOf(invalid), 0.25);
});

test('The largest weights add up', (t) => {
  const backends = Array.from({ length: 16 }, (_, index) => backend(`b${index}`, 1_000_000));
  t.is(compileWeights(backends).choose(0.999_999), backends[15]);
});
