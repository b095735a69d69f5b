import type { Filter } from './model.ts';

/** What a rule or a backend says beyond what it has always had. */
export type Feature = 'RequestMirror';

/**
 * What the model and the wire have and no data plane does yet: agents refuse it in the status of the route, and sidecars
 * answer 500 rather than leave it away. Whoever builds one takes it out here; with the last one this file goes.
 */
const unbuilt: ReadonlySet<Feature> = new Set<Feature>(['RequestMirror']);

/** A rule or a backend, whether its mirrors are looked up or not. */
type Owner = { readonly filters: readonly Pick<Filter, 'type'>[] };

/** The features of a rule, or of a backend, that are not built, each once. */
export function findUnbuilt(owner: Owner): readonly Feature[] {
  const features = owner.filters.map(featureOf).filter((feature) => feature !== undefined);
  return [...new Set(features)].filter((feature) => unbuilt.has(feature));
}

function featureOf({ type }: Pick<Filter, 'type'>): Feature | undefined {
  return type === 'RequestMirror' ? type : undefined;
}
