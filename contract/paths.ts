/** Asked at the ready port of every program: whether traffic may be sent here, */
export const readyPath = '/ready';
/** and whether the process turns. */
export const livePath = '/live';

/** Where the API server sends what the injector reviews. */
export const webhookPath = '/mutate';
