import type { Filter, Rule } from './model.ts';

/** What a rule or a backend says beyond what it has always had. */
export type Feature = 'RequestMirror' | 'timeouts' | 'retry';

/**
 * What the model and the wire have and no data plane does yet: agents refuse it in the status of the route, and sidecars
 * answer 500 rather than leave it away. Whoever builds one takes it out here; with the last one this file goes.
 */
const unbuilt: ReadonlySet<Feature> = new Set<Feature>(['RequestMirror', 'timeouts', 'retry']);

/** A rule or a backend, whether its mirrors are looked up or not. */
type Owner = Pick<Rule, 'timeouts' | 'retry'> & { readonly filters: readonly Pick<Filter, 'type'>[] };

/** The features of a rule, or of a backend, that are not built, each once. A retry that is switched off is none. */
export function findUnbuilt(owner: Owner): readonly Feature[] {
  const features = owner.filters.map(featureOf).filter((feature) => feature !== undefined);
  if (owner.timeouts !== undefined) features.push('timeouts');
  if (owner.retry !== undefined && owner.retry.attempts > 0) features.push('retry');
  return [...new Set(features)].filter((feature) => unbuilt.has(feature));
}

function featureOf({ type }: Pick<Filter, 'type'>): Feature | undefined {
  return type === 'RequestMirror' ? type : undefined;
}
