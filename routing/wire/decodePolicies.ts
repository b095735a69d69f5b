import type { Retry, Rule, Timeouts } from '../model.ts';
import { expect, expectBetween, hasUnknownFields } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';

/** What a rule says of time and of trying again. */
export function policiesOf({ timeouts, retry, retryOff }: wire.Rule, field: string): Pick<Rule, 'timeouts' | 'retry'> {
  return {
    ...(timeouts === undefined ? {} : { timeouts: timeoutsOf(timeouts, `${field}.timeouts`) }),
    ...(retry === undefined ? {} : { retry: retryOf(retry, `${field}.retry`) }),
    ...(retryOff && { retry: off }),
  };
}

/** Whether a newer version wrote into them. */
export function hasNewerPolicies({ timeouts, retry }: wire.Rule): boolean {
  return (timeouts !== undefined && hasUnknownFields(timeouts)) || (retry !== undefined && hasUnknownFields(retry));
}

const off: Retry = { attempts: 0, codes: [] };

/** What a timer of Node can wait at most, in milliseconds; a longer one would end at once. */
const longest = 2 ** 31 - 1;

function timeoutsOf({ requestMs, backendRequestMs }: wire.Timeouts, field: string): Timeouts {
  return {
    ...(requestMs === undefined ? {} : { requestMs: expectBetween(requestMs, `${field}.request_ms`, [1, longest]) }),
    ...(backendRequestMs === undefined
      ? {}
      : { backendRequestMs: expectBetween(backendRequestMs, `${field}.backend_request_ms`, [1, longest]) }),
  };
}

function retryOf({ attempts, codes, backoffMs }: wire.Retry, field: string): Retry {
  for (const code of codes) expectBetween(code, `${field}.codes`, [400, 599]);
  expect(attempts > 0, `${field}.attempts`, 'is 0');
  return {
    attempts,
    codes,
    ...(backoffMs === undefined ? {} : { backoffMs: expectBetween(backoffMs, `${field}.backoff_ms`, [0, longest]) }),
  };
}
