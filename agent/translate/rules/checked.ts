/** Something that a user wrote as the model has it, or what is wrong with it and what to do about it. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export function wrong(message: string): Checked<never> {
  return { ok: false, message };
}

export function missing(type: string, field: string): Checked<never> {
  return wrong(`filter ${type} comes without its field ${field}; add it`);
}

/** The message for a field of `what` that we have never heard of, if there is one. */
export function findUnknown(what: string, unknownFields: readonly string[]): Checked<never> | undefined {
  const [field] = unknownFields;
  if (field === undefined) return undefined;
  return wrong(`${what} has a field ${field} that is not known; remove it or correct the spelling`);
}
