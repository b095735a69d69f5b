import type { Kind, KubernetesObject } from '../objects/types.ts';

/** The objects that routing and statuses follow from, by `namespace/name`. */
export type TranslationInput = {
  readonly [K in Exclude<Kind, 'Pod'>]: ReadonlyMap<string, Extract<KubernetesObject, { kind: K }>>;
};

/** `namespace/name` of the objects that came, changed or went. */
export type ChangedInput = { readonly [K in keyof TranslationInput]: ReadonlySet<string> };
