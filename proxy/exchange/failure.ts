import type { Failure, Reached } from '../message/interfaces.ts';
import { composeAnswer, type OwnAnswer } from './answer.ts';
import type { ExchangeContext } from './context.ts';
import { markFlag } from './flagMark.ts';
import { markRetry } from './retryMark.ts';

/** Why a request is answered here instead of by an endpoint, and whether one has seen it. */
export type AnsweredFailure = Failure & { readonly reached?: Reached };

/**
 * The answer to a request that failed. The inbound side marks it for the sidecar that called: with its flag and reason, and
 * with whether another endpoint may get the request. `repeated`: an endpoint may have seen it before the last attempt.
 */
export function composeFailure(
  { flag, status, reason, reached }: AnsweredFailure,
  direction: ExchangeContext['direction'],
  repeated: boolean,
): OwnAnswer {
  const answer = composeAnswer(status, reason);
  if (direction === 'outbound') return answer;
  markFlag(answer.head, flag, reason);
  if (reached !== undefined) markRetry(answer.head, reached === 'Never' && repeated ? 'Perhaps' : reached);
  return answer;
}
