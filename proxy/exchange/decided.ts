import type { RequestHead } from '../message/head.ts';
import type { Answer, Preflight } from '../route/decision.ts';
import { applyHeaderChanges } from '../route/headerModifier.ts';
import { composeAnswer, type OwnAnswer, type Redirected } from './answer.ts';
import { answerPreflight } from './cors.ts';

/** What a decision answers instead of an endpoint, with the rule's changes of response headers. */
export function answerDecided(
  decision: Answer | Preflight,
  head: RequestHead,
  context: Redirected['context'],
): OwnAnswer {
  if (decision.type === 'Preflight') return answerPreflight(decision, head);
  const answer = composeAnswer(decision.status, decision.reason, { decision, head, context });
  applyHeaderChanges(decision.responseHeaders, answer.head.headers);
  return answer;
}
