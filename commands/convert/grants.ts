import { fieldsOf, objectsOf, textOf } from '../../runtime/json.ts';
import type { Remark } from './remark.ts';
import { gatewayGroup, type Made, type ParentRef, type Rule } from './route.ts';

type Spec = { readonly parentRefs: readonly ParentRef[]; readonly rules: readonly Rule[] };

/**
 * The ReferenceGrants that routes need for backends in other namespaces, where the mesh that they come from asks for
 * nobody's consent. A consumer route needs none for its own parent.
 */
export function grantsFor(made: readonly Made[], remarks: Remark[]): readonly Made[] {
  const needed = new Map<string, { readonly from: string; readonly to: string; readonly names: Set<string> }>();
  for (const { kind, metadata, spec } of made) {
    if (kind !== 'HTTPRoute') continue;
    const from = metadata.namespace ?? 'default';
    const { parentRefs, rules } = spec as Spec;
    for (const { namespace: to, name } of rules.flatMap((rule) => refsOf(rule))) {
      if (to === undefined || to === from) continue;
      if (parentRefs.some((parent) => parent.namespace === to && parent.name === name)) continue;
      const grant = needed.get(`${from}/${to}`) ?? { from, to, names: new Set() };
      needed.set(`${from}/${to}`, grant);
      grant.names.add(name);
    }
  }
  return [...needed.values()].map(({ from, to, names }) => {
    const name = `from-${from}`;
    const message = `lets routes of ${from} send to ${[...names].join(', ')}: whoever answers for ${to} has to want it`;
    remarks.push({ type: 'note', object: `ReferenceGrant ${to}/${name}`, path: '', message });
    return {
      apiVersion: `${gatewayGroup}/v1`,
      kind: 'ReferenceGrant',
      metadata: { name, namespace: to },
      spec: {
        from: [{ group: gatewayGroup, kind: 'HTTPRoute', namespace: from }],
        to: [...names].map((service) => ({ group: '', kind: 'Service', name: service })),
      },
    };
  });
}

/** The backends and mirrors of a rule, which may be as somebody wrote it. */
function refsOf(rule: object): readonly { readonly namespace: string | undefined; readonly name: string }[] {
  const { backendRefs, filters } = fieldsOf(rule);
  const backends = objectsOf(backendRefs);
  const mirrors = [...objectsOf(filters), ...backends.flatMap((ref) => objectsOf(ref['filters']))].map((filter) =>
    fieldsOf(fieldsOf(filter['requestMirror'])['backendRef']),
  );
  return [...backends, ...mirrors].flatMap((ref) => {
    const name = textOf(ref, 'name');
    return name === undefined ? [] : [{ namespace: textOf(ref, 'namespace'), name }];
  });
}
