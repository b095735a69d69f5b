/** A filter's fields, or what is wrong with them and what to do about it. */
export type Checked<F> = { readonly ok: true; readonly filter: F } | { readonly ok: false; readonly message: string };

export function wrong(message: string): Checked<never> {
  return { ok: false, message };
}

export function missing(type: string, field: string): Checked<never> {
  return wrong(`filter ${type} comes without its field ${field}; add it`);
}

/** The message for a field of a filter that we have never heard of, if there is one. */
export function findUnknown(filter: string, unknownFields: readonly string[]): Checked<never> | undefined {
  const [field] = unknownFields;
  if (field === undefined) return undefined;
  return wrong(`filter ${filter} has a field ${field} that is not known; remove it or correct the spelling`);
}
