import type { Made, Rule } from './route.ts';
import type { Remark } from './remark.ts';

/** How many rules the API server takes in a route. */
const most = 16;

/** A route with too many rules as several; which of them a request takes does not depend on where they stand. */
export function splitRules(made: Made, remarks: Remark[]): readonly Made[] {
  const { rules = [] } = made.spec as { readonly rules?: readonly Rule[] };
  if (rules.length <= most) return [made];
  const count = Math.ceil(rules.length / most);
  remarks.push({
    type: 'note',
    object: `${made.kind} ${made.metadata.namespace ?? 'default'}/${made.metadata.name}`,
    path: '',
    message: `is ${count} routes: each has ${most} rules at most`,
  });
  return Array.from({ length: count }, (_, index) => ({
    ...made,
    metadata: { ...made.metadata, name: nameOf(made.metadata.name, index) },
    spec: { ...made.spec, rules: rules.slice(index * most, (index + 1) * most) },
  }));
}

/** Names in the order of the rules, for where two match alike the name decides. */
function nameOf(name: string, index: number): string {
  return index === 0 ? name : `${name}-${String(index + 1).padStart(2, '0')}`;
}
