import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { array, assert, constantFrom, jsonValue, nat, oneof, property, record, type JsonValue } from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { Resources } from '../../../agent/discovery/resources.ts';
import { decodeObject } from '../../../agent/objects/decode.ts';
import { DecodedObjects } from '../../../agent/cluster/decodedObjects.ts';
import { watchedKinds } from '../../../agent/cluster/kinds.ts';
import { Store } from '../../../agent/store.ts';
import { Translation } from '../../../agent/translate/translate.ts';

const folder = path.join(import.meta.dirname, 'golden');

/** The objects of all golden cases, undecoded. */
const inputs: readonly JsonValue[] = readdirSync(folder).flatMap((name) => {
  const [input = ''] = readFileSync(path.join(folder, name), 'utf8').split('--- # Output\n');
  const documents = parseAllDocuments(input);
  return Array.isArray(documents) ? documents.map((document) => document.toJS() as JsonValue) : [];
});

/** A value, a place in it (as picks among the children at each level) and what is put there. */
const damage = record({
  object: constantFrom(...inputs),
  picks: array(nat({ max: 20 }), { minLength: 1, maxLength: 9 }),
  value: oneof(
    jsonValue(),
    constantFrom<JsonValue>(
      '',
      '/',
      '*',
      -1,
      0,
      65_536,
      1e300,
      'RegularExpression',
      'Service',
      '10.96.0.1',
      '[::]',
      '__proto__',
    ),
  ),
});

test('objects damaged at any place never make decoding, translation or encoding throw', (t) => {
  let decoded = 0;
  const holds = property(array(damage, { minLength: 1, maxLength: 6 }), (damages) => {
    const store = new Store();
    for (const object of inputs
      .slice(0, 12)
      .concat(damages.map(({ object: whole, picks, value }) => replace(whole, picks, value)))) {
      const result = decodeObject(object);
      if (!result.ok) {
        if (result.problems.length === 0) throw new Error('refused without a problem');
        continue;
      }
      if ('ignored' in result) continue;
      decoded += 1;
      store.apply({ type: 'applied', object: result.object });
    }
    new Resources().update(new Translation().update(store.objects, store.takeChanged()), true);
  });
  t.notThrows(() => assert(holds, { seed: 20_261_126, numRuns: 2000 }));
  t.true(decoded > 10_000);
});

test('objects damaged at any place that come from an API server are read, or told of, and never end anything', (t) => {
  let seen = 0;
  const holds = property(damage, ({ object, picks, value }) => {
    const damaged = replace(object, picks, value);
    const store = new Store();
    for (const { kind } of watchedKinds) {
      let told = 0;
      const objects = new DecodedObjects(kind, (_, messages) => (told += messages.length));
      const event = objects.take({ type: 'applied', key: 'shop/x', object: damaged as never });
      if (event === undefined && told === 0) throw new Error('neither read nor told of');
      if (event !== undefined) store.apply(event);
      seen += 1;
    }
    new Resources().update(new Translation().update(store.objects, store.takeChanged()), true);
  });
  t.notThrows(() => assert(holds, { seed: 20_261_126, numRuns: 500 }));
  t.is(seen, 500 * watchedKinds.length);
});

test('what is no object at all is refused with a problem', (t) => {
  t.notThrows(() =>
    assert(
      property(jsonValue(), (value) => {
        const result = decodeObject(value);
        return !result.ok && result.problems.length > 0;
      }),
      { seed: 20_261_126, numRuns: 2000 },
    ),
  );
});

function replace(whole: JsonValue, picks: readonly number[], value: JsonValue): JsonValue {
  const [pick = 0, ...rest] = picks;
  if (typeof whole !== 'object' || whole === null) return value;
  const keys = Object.keys(whole);
  if (keys.length === 0) return value;
  const key = keys[pick % keys.length] ?? '';
  const child = (whole as Record<string, JsonValue>)[key] ?? null;
  const next = rest.length === 0 ? value : replace(child, rest, value);
  if (Array.isArray(whole)) return whole.with(Number(key), next);
  return { ...whole, [key]: next };
}
