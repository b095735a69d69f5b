import type { BackendTarget, Filter, Rule } from './model.ts';

/** Where requests of a rule, and copies of them, may go: its backends, its mirrors, and its backends' mirrors. */
export function targetsOf({ filters, backends }: Rule): readonly BackendTarget[] {
  return [
    ...mirrorTargets(filters),
    ...backends.flatMap((backend) => [backend.target, ...mirrorTargets(backend.filters)]),
  ];
}

function mirrorTargets(filters: readonly Filter[]): readonly BackendTarget[] {
  return filters.filter((filter) => filter.type === 'RequestMirror').map(({ target }) => target);
}
