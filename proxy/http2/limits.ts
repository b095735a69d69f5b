import { largest31 } from './protocol.ts';

/**
 * Requests of one connection at a time: of a client as many as long-lived streams of one may be, and no more memory than its
 * own; of an endpoint where it takes as many.
 */
export const maxStreams = 1024;
/** Of the heads of a client's requests, as they are decoded: 2 KiB for each of so many. Beyond it they are as too many. */
export const maxHeadsBytes = 2_097_152;
/** From here on a connection to an endpoint is used up: streams have no number twice. */
export const lastUsableId = largest31 - 2;
/** Servers take many resets for an attack, and end the connection with all that others have on it. */
export const maxCancelled = 500;
