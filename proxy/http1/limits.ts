/** Names in the Connection fields of one head. */
export const maxConnectionOptions = 32;
/** A request that was answered early: so much of its body is read away before the connection is given up. */
export const maxDrainedBytes = 1_048_576;
/**
 * What the kernel takes for a peer that does not read: it counts as memory of this container, and would be megabytes where
 * nobody says less.
 */
export const maxUnsentBytes = 131_072;
/** Pipelined requests that wait for their turn; no more is read then. */
export const maxWaitingBytes = 65_536;
