import type { BackendTarget, Filter, Rule, ServiceRouting } from './model.ts';

/** Where requests of a rule, and copies of them, may go: its backends, then its mirrors and those of its backends. */
export function targetsOf({ filters, backends }: Rule): readonly BackendTarget[] {
  return [
    ...backends.map(({ target }) => target),
    ...mirrorTargets(filters),
    ...backends.flatMap((backend) => mirrorTargets(backend.filters)),
  ];
}

function mirrorTargets(filters: readonly Filter[]): readonly BackendTarget[] {
  return filters.filter((filter) => filter.type === 'RequestMirror').map(({ target }) => target);
}

/** Names of the endpoints that requests to this Service port, or copies of them, may need. */
export function endpointsOf(routing: ServiceRouting): readonly string[] {
  const names = new Set([routing.endpoints]);
  for (const { rules } of routing.routes) {
    for (const target of rules.flatMap(targetsOf)) {
      if (target.type === 'Endpoints') names.add(target.endpoints);
    }
  }
  return [...names];
}
