/** Names in the Connection fields of one head. */
export const maxConnectionOptions = 32;
/** A request that was answered early: with more of its body to come than this, the connection is given up, and the answer says so. */
export const maxDrainedBytes = 1_048_576;
/**
 * The same where nobody knows how much is to come, so that the answer cannot say it: more than the kernels hold of a client
 * that has sent all, which may have sent its next request behind that.
 */
export const maxDrainedChunkBytes = 8_388_608;
/**
 * What the kernel takes for a peer that does not read: it counts as memory of this container, and would be megabytes where
 * nobody says less.
 */
export const maxUnsentBytes = 131_072;
/** Pipelined requests that wait for their turn; no more is read then. */
export const maxWaitingBytes = 65_536;
