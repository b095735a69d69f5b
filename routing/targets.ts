import type { BackendTarget, Filter, Rule } from './model.ts';

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
