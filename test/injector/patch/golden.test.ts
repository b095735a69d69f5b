import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { parseAllDocuments, stringify } from 'yaml';
import { type PodObject, review } from '../reviews.ts';

const folder = path.join(import.meta.dirname, 'golden');
const mark = '--- # Output\n';

for (const name of readdirSync(folder)) {
  test(name.replace('.yaml', '').replaceAll('-', ' '), (t) => {
    const file = path.join(folder, name);
    const [input = '', output = ''] = readFileSync(file, 'utf8').split(mark);
    const object = parseAllDocuments(input)[0]?.toJS() as PodObject;
    const { response, pod } = review(object);
    const { allowed, warnings, status } = response;
    const result = stringify(
      { allowed, warnings, message: status?.message, pod: allowed ? pod : undefined },
      { lineWidth: 0 },
    );
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${input}${mark}${result}`);
    else t.is(result, output);
    // Whatever was admitted is admitted again as it is: nothing comes twice.
    t.deepEqual(
      review(pod, {}, { probeToken: 'another-token-of-another-injector' }).operations,
      allowed ? [] : review(object).operations,
    );
    // The order of members does not matter.
    t.deepEqual(review(shuffled(object)).pod, pod);
  });
}

/** Members of objects in reverse order; lists as they are. */
function shuffled<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => shuffled(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]: [string, unknown]) => [key, shuffled(member)]),
  ) as T;
}
