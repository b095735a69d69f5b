import type { KubernetesObject } from './objects/types.ts';

/**
 * What a source of objects yields, be it a folder or the Kubernetes API. `applied` is a new or changed object;
 * `listed` comes once, when everything that was there at the start has been applied. An object that did not change
 * keeps its identity, so that what was computed from it can be kept. `completeness` comes when it changes: a source is
 * incomplete while it knows that objects are missing which it cannot read. Until it says so, it is complete.
 */
export type SourceEvent =
  | { readonly type: 'applied' | 'deleted'; readonly object: KubernetesObject }
  | { readonly type: 'completeness'; readonly complete: boolean }
  | { readonly type: 'listed' };
