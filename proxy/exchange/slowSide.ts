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

/** Who it is that an exchange without progress waits for: a client that has more to take, or to send, or the endpoint. */
export function findSlowSide(clientFull: boolean, owesBody: boolean): Failure {
  if (clientFull) return slowReader;
  return owesBody ? slowRequest : slowResponse;
}
