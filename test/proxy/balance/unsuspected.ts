/** An endpoint that was there from the start, and is no outlier. */
export const unsuspected = { outlier: { state: 'In' }, newMs: Number.NEGATIVE_INFINITY, slowStartMs: 0 } as const;
