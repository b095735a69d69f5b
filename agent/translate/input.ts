import type { EndpointSlice, HTTPRoute, ReferenceGrant, Service } from '../objects/types.ts';

/** The objects that routing follows from, by `namespace/name`. */
export type TranslationInput = {
  readonly Service: ReadonlyMap<string, Service>;
  readonly EndpointSlice: ReadonlyMap<string, EndpointSlice>;
  readonly HTTPRoute: ReadonlyMap<string, HTTPRoute>;
  readonly ReferenceGrant: ReadonlyMap<string, ReferenceGrant>;
};

/** `namespace/name` of the objects that came, changed or went. */
export type ChangedInput = { readonly [K in keyof TranslationInput]: ReadonlySet<string> };
