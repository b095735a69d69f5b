import type { CORS } from '../../../routing/model.ts';
import { filterProblem } from '../../../routing/filters/problem.ts';
import type { HTTPCORSFilter } from '../../objects/types.ts';
import { orNone } from '../none.ts';
import { type Checked, findUnknown } from '../rules/checked.ts';

/** Origins become what browsers write: lower case, without the port that is the scheme's own. */
export function translateCORS({ maxAge, unknownFields, ...cors }: HTTPCORSFilter): Checked<CORS> {
  const unknown = findUnknown('filter CORS', unknownFields);
  if (unknown !== undefined) return unknown;
  const written: CORS = { type: 'CORS', ...cors, maxAgeMs: 1000 * maxAge };
  const problem = filterProblem(written);
  if (problem !== undefined) return { ok: false, message: `filter CORS: ${problem}` };
  return {
    ok: true,
    value: {
      ...written,
      allowOrigins: distinct(cors.allowOrigins.map(normaliseOrigin)),
      allowMethods: distinct(cors.allowMethods),
      allowHeaders: distinct(cors.allowHeaders),
      exposeHeaders: distinct(cors.exposeHeaders),
    },
  };
}

function distinct(texts: readonly string[]): readonly string[] {
  return orNone([...new Set(texts)]);
}

function normaliseOrigin(origin: string): string {
  return origin.toLowerCase().replace(/^(http:.*):0*80$|^(https:.*):0*443$/, '$1$2');
}
