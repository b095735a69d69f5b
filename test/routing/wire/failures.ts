import type { Backend, Rule, ServiceRouting } from '../../../routing/model.ts';

/** What answers 500 in a routing, and why, by the way to it: `routes.0.rules.1` or `routes.0.rules.1.backends.2`. */
export function failuresIn({ routes }: ServiceRouting): ReadonlyMap<string, string> {
  const rules = routes.flatMap((route, index) => numbered(`routes.${index}.rules`, route.rules));
  const backends = rules.flatMap(([way, rule]) => numbered(`${way}.backends`, rule.backends));
  const failures = new Map<string, string>();
  for (const [way, part] of [...rules, ...backends]) {
    const failure = failureOf(part);
    if (failure !== undefined) failures.set(way, failure);
  }
  return failures;
}

function numbered<T>(way: string, parts: readonly T[]): readonly (readonly [way: string, part: T])[] {
  return parts.map((part, index) => [`${way}.${index}`, part]);
}

function failureOf(part: Rule | Backend): string | undefined {
  if ('target' in part && part.target.type === 'Invalid') return `${part.target.reason}: ${part.target.message}`;
  for (const filter of part.filters) if (filter.type === 'Unsupported') return `${filter.name}: ${filter.message}`;
  return undefined;
}
