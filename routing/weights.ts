import type { Backend } from './model.ts';

/** The backends of one rule, ready to be drawn by their weights. */
export type WeightedBackends = {
  /** The backend whose share covers a number from 0 up to 1; `undefined` when no backend has a weight above 0. */
  readonly choose: (random01: number) => Backend | undefined;
  /** The part of all requests that a backend gets, 0 to 1. */
  readonly shareOf: (backend: Backend) => number;
};

/**
 * Weights are shares of their sum; weight 0 is never chosen. Invalid backends keep their weight and are chosen like
 * others (https://gateway-api.sigs.k8s.io/reference/spec/#httpbackendref).
 */
export function compileWeights(backends: readonly Backend[]): WeightedBackends {
  const weighted = backends.filter(({ weight }) => weight > 0);
  const sum = weighted.reduce((total, { weight }) => total + weight, 0);
  return {
    choose(random01) {
      let left = random01 * sum;
      for (const backend of weighted) {
        left -= backend.weight;
        if (left < 0) return backend;
      }
      return weighted.at(-1);
    },
    shareOf(backend) {
      return sum === 0 || !backends.includes(backend) ? 0 : backend.weight / sum;
    },
  };
}
