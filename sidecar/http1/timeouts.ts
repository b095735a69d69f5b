import type { Failure } from '../exchange/exchange.ts';
import type { Refusal } from './refusal.ts';

/** The client was too slow with its head. */
export const headTimeout: Refusal = { status: 408, message: 'the request head did not arrive in time' };

/** The client was too slow with its body. */
export const slowRequest: Failure = {
  flag: 'UT',
  status: 408,
  reason: 'the client sent nothing of its request body for too long',
};

/** The endpoint was too slow. */
export const slowResponse: Failure = { flag: 'UT', status: 504, reason: 'the endpoint sent nothing for too long' };
