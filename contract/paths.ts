/** Asked at the ready port of every program: whether traffic may be sent here, */
export const readyPath = '/ready';
/**
 * where a startup probe lets the answer wait for so many milliseconds until it is yes: each no is a Warning Event, also
 * where a program only needs its second to start;
 */
export const readyWaitParameter = 'wait';
/** and whether the process turns. */
export const livePath = '/live';

/** Where the API server sends pods that ask for a sidecar, */
export const webhookPath = '/mutate';
/** and others with a key of ours, which are told what of it means nothing. */
export const hintPath = '/hint';

/** Where an agent says at its admin port how far each sidecar is. */
export const streamsPath = '/streams';
