import type { Failure } from '../message/interfaces.ts';

const slowRequest: Failure = {
  flag: 'SI',
  status: 408,
  reason: 'the client sent nothing of its request body for too long',
};

const slowReader: Failure = {
  flag: 'SI',
  status: 408,
  reason: 'the client took nothing of its response for too long',
};

const slowResponse: Failure = { flag: 'UT', status: 504, reason: 'the endpoint sent nothing for too long' };

/** Who it is that an exchange without progress waits for. */
export function findSlowSide(exchange: {
  /** The client has more to take than should be held back. */
  readonly clientFull: boolean;
  readonly requestDone: boolean;
  /** Nothing more is read of the request, since the endpoint does not take it. */
  readonly requestPaused: boolean;
}): Failure {
  if (exchange.clientFull) return slowReader;
  return exchange.requestDone || exchange.requestPaused ? slowResponse : slowRequest;
}
