import test from 'ava';
import * as fc from 'fast-check';
import { decodeObject } from '../../agent/objects/decode.ts';
import type { KubernetesObject } from '../../agent/objects/types.ts';
import { changeKey, compareMeshes, portAt, routingAt } from '../../commands/diff/compareMeshes.ts';
import { effectKey, effectOn, readExample } from '../../commands/diff/effect.ts';
import { mergeObjects } from '../../commands/diff/mergeObjects.ts';
import { type Mesh, translateObjects } from '../../commands/mesh/mesh.ts';
import { type Raw, type RawRequest, request, route, routes, services } from './arbitraries.ts';

/** In CI a part of what `HEDDLE_DIFF_EDITS=1000` does. */
const edits = Number(process.env['HEDDLE_DIFF_EDITS'] ?? 40);
const requestsEach = 60;
const name = 'shop/cart:80';

const edit = fc.record({
  before: routes,
  after: fc.array(route, { minLength: 1, maxLength: 2 }),
  removes: fc.boolean(),
  table: fc.array(request, { minLength: requestsEach, maxLength: requestsEach }),
});

test(`Every change that an edit makes to a table of requests is told, ${edits} edits of ${requestsEach} requests`, (t) => {
  const base = services(() => 8080).map(decode);
  const count = { changed: 0, unchanged: 0, silent: 0 };
  for (const { before, after, removes, table } of fc.sample(edit, { seed: 20_261_128, numRuns: edits })) {
    const old = [...base, ...before.map(decode)];
    const kept = removes ? old.filter(({ kind }, index) => kind !== 'HTTPRoute' || index % 2 === 0) : old;
    const next = mergeObjects(old, [...kept, ...after.map(decode)], { prune: removes, nowMs: Date.UTC(2026, 0) });
    const [was, is] = [old, next].map((objects) => translateObjects(objects, new Set()));
    if (was === undefined || is === undefined) throw new Error('there are two meshes');
    const changes = compareMeshes(was, is);
    const told = new Map(
      changes.ports.map(({ port, clientNamespace = '', requests }) => [
        `${port} ${clientNamespace}`,
        new Set(requests.map((one) => changeKey(one.before, one.after))),
      ]),
    );
    for (const one of table) {
      const [effect, other] = [was, is].map((mesh) => effectAt(mesh, one));
      if (effect === undefined || other === undefined) continue;
      if (effectKey(effect) === effectKey(other)) count.unchanged += 1;
      else {
        count.changed += 1;
        const hasOwn = [was, is].some((mesh) => mesh.ports.get(name)?.routings.has(one.from) === true);
        const tolds = told.get(`${name} ${hasOwn ? one.from : ''}`);
        if (tolds?.has(changeKey(effect, other)) !== true)
          throw new Error(
            `${tolds === undefined ? 'nothing' : 'another change'} is told of ${JSON.stringify({ one, effect, other })}`,
          );
      }
    }
    if (changes.ports.length === 0) count.silent += 1;
  }
  return t.true(count.changed > edits && count.unchanged > edits, JSON.stringify(count));
});

function effectAt(mesh: Mesh, { from, method, target, headers }: RawRequest) {
  const at = { name, client: from };
  const lines = Object.entries(headers).map(([header, value]) => ({ name: header, value }));
  const head = readExample(name, { method, target, headers: lines });
  if (head === undefined) throw new Error('every request of the table can be read');
  return effectOn(portAt(mesh, at, routingAt(mesh, at)), head);
}

function decode(raw: Raw): KubernetesObject {
  const decoded = decodeObject(raw);
  if (!decoded.ok || !('object' in decoded)) throw new Error(JSON.stringify(decoded));
  return decoded.object;
}
