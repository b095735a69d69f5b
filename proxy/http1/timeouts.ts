import type { Failure } from '../message/interfaces.ts';
import type { Connection } from '../socket/connection.ts';
import type { Refusal } from './refusal.ts';

/** The client was too slow with its head. */
export const headTimeout: Refusal = { status: 408, message: 'the request head did not arrive in time' };

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
export function findSlowSide(exchange: { readonly client: Connection; readonly hasWholeRequest: boolean }): Failure {
  const { client, hasWholeRequest } = exchange;
  if (client.full) return slowReader;
  // While reading is paused, it is the endpoint that does not take the body.
  return hasWholeRequest || client.paused ? slowResponse : slowRequest;
}
