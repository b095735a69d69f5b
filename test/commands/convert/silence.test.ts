import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { assert, jsonValue, nat, property } from 'fast-check';
import { convert } from '../../../commands/convert/convert.ts';
import { printYaml } from '../../../commands/convert/print.ts';
import { readObjects } from '../../../commands/convert/readObjects.ts';

const folder = path.join(import.meta.dirname, 'golden');
const inputs = readdirSync(folder).map((name) => ({
  name,
  values: readObjects(readFileSync(path.join(folder, name), 'utf8').split('--- # Output\n')[0] ?? '').values,
}));
const converted = /^(?:Ingress|VirtualService|DestinationRule|TrafficSplit|HTTPRouteGroup|HTTPRoute)$/;
type Place = readonly (string | number)[];

/** All maps in a value, by their paths. */
function mapsIn(value: unknown, at: Place = []): readonly Place[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => mapsIn(item, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return [at, ...Object.entries(value).flatMap(([name, part]) => mapsIn(part, [...at, name]))];
}

function withField(value: unknown, at: Place, field: string): unknown {
  const copy = structuredClone(value);
  let map = copy as Record<string | number, unknown>;
  for (const part of at) map = map[part] as typeof map;
  map[field] = 'unheard of';
  return copy;
}

// Of what stands in these, nothing was ever meant for a route: the server's words, and what is told as a whole.
const notMeant = /^(?:status|metadata\.labels)/;

/** What is said of something that is in no output at all. */
const ofTheWhole = /no Service is made for it|says nothing by itself|nothing is made of it|write it as/;

test('a field that nobody has heard of is told, or is in the output, wherever it stands', (t) => {
  let tried = 0;
  for (const { name, values } of inputs) {
    for (const [index, value] of values.entries()) {
      const { kind, apiVersion } = value as { readonly kind?: unknown; readonly apiVersion?: unknown };
      if (!converted.test(String(kind)) || /^(?:extensions|gateway\.networking\.k8s\.io)\//.test(String(apiVersion)))
        continue;
      for (const at of mapsIn(value)) {
        const place = at.join('.');
        if (notMeant.test(place)) continue;
        const changed = values.with(index, withField(value, at, 'zzz'));
        const { made, remarks } = convert(changed);
        const isTold = remarks.some(
          ({ type, path: told, message }) =>
            ((type === 'lost' && told !== '') || ofTheWhole.test(message)) && isOver(told, [...at, 'zzz']),
        );
        t.true(
          isTold || JSON.stringify(made).includes('zzz'),
          `${name}: object ${index}, ${place}.zzz\n${printYaml(convert(changed))}`,
        );
        tried += 1;
      }
    }
  }
  t.true(tried > 500, `${tried}`);
});

/** Whether a remark about `path` is one about that place too. */
function isOver(told: string, place: Place): boolean {
  const parts = [...told.matchAll(/\[(?<key>[^\]]*)\]|(?<name>[\w-]+)/g)].map(
    ({ groups }) => groups?.['key'] ?? groups?.['name'],
  );
  return parts.every((part, index) => String(place[index]) === part);
}

test('whatever stands in the place of a value, nothing is thrown and the output is YAML', (t) => {
  assert(
    property(nat(), nat(), jsonValue(), (which, where, put) => {
      const values = inputs[which % inputs.length]?.values ?? [];
      const index = where % Math.max(values.length, 1);
      const value = values[index];
      const places = mapsIn(value).filter((at) => at.length > 0);
      const at = places[where % Math.max(places.length, 1)] ?? [];
      const copy = structuredClone(value);
      let map = copy as Record<string | number, unknown>;
      for (const part of at.slice(0, -1)) map = map[part] as typeof map;
      const last = at.at(-1);
      if (last !== undefined) map[last] = put;
      t.deepEqual(readObjects(printYaml(convert(values.with(index, copy)))).problems, []);
    }),
    { includeErrorInReport: true, numRuns: Number(process.env['HEDDLE_FUZZ_RUNS'] ?? 300) },
  );
});
