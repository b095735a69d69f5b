/**
 * Where a downstream connection stands. `head`: waits for a request; `body`: reads one; `waiting`: it is read, its response
 * is not complete; `draining`: it was answered before it was read; `closing`: nothing more is read.
 */
export type DownstreamState = 'head' | 'body' | 'waiting' | 'draining' | 'closing';
