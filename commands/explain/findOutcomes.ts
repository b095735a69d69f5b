import { noEndpoint, type OwnAnswer } from '../../proxy/exchange/answer.ts';
import { attemptHead } from '../../proxy/exchange/attemptHead.ts';
import { shareResponse } from '../../proxy/exchange/cors.ts';
import { answerDecided } from '../../proxy/exchange/decided.ts';
import { composeFailure } from '../../proxy/exchange/failure.ts';
import { answerLast, countForward } from '../../proxy/exchange/maxForwards.ts';
import { becomeTrailersOnly, expectsGRPC, grpcStatusFor } from '../../proxy/message/grpcAnswer.ts';
import { type RequestHead, ResponseHead } from '../../proxy/message/head.ts';
import type { Flag } from '../../proxy/observe/flags.ts';
import type { CompiledRouting } from '../../proxy/route/compile.ts';
import type { Decision, Forward } from '../../proxy/route/decision.ts';
import { destinationName, routeName, type Rule } from '../../routing/model.ts';
import { compileWeights } from '../../routing/weights.ts';
import { changesOf, headersOf, readVerdict, responseChanges } from './headers.ts';
import type { DecidedBy, EndpointView, Outcome } from './outcome.ts';

/** What an exchange is told of the connection that a request comes over. */
export type Called = {
  readonly family: 4 | 6;
  /** Of the Service. */
  readonly port: number;
  /** The Host of a request that has none. */
  readonly destinationName: string;
};

/** All that can become of a request, by the decisions of the engine: what it does by chance is tried in every way. */
export function findOutcomes(compiled: CompiledRouting, head: RequestHead, called: Called): readonly Outcome[] {
  const rule = ruleOf(compiled, decidedBy(compiled.decide(head, () => 0)));
  const shares = new Map<Decision, number>();
  for (const { share, random } of drawsOf(rule)) {
    const decision = compiled.decide(head, () => random);
    shares.set(decision, (shares.get(decision) ?? 0) + share);
  }
  return Array.from(shares, ([decision, share]) => outcomeOf(decision, { head, called, share }));
}

/** The rule that a decision is of, in the routing. */
export function ruleOf({ routing }: CompiledRouting, { route, rule }: DecidedBy): Rule | undefined {
  const found = routing.routes.find((one) => routeName(one) === route);
  return found?.rules.find(({ index }) => index === rule);
}

/** One number for each backend that may be drawn, from the middle of its part. */
function drawsOf(rule: Rule | undefined): readonly { readonly share: number; readonly random: number }[] {
  const backends = rule?.backends.filter(({ weight }) => weight > 0) ?? [];
  if (backends.length === 0) return [{ share: 1, random: 0 }];
  const { shareOf } = compileWeights(backends);
  let before = 0;
  return backends.map((backend) => {
    const share = shareOf(backend);
    before += share;
    return { share, random: before - share / 2 };
  });
}

type Asked = { readonly head: RequestHead; readonly called: Called; readonly share: number };

function outcomeOf(decision: Decision, asked: Asked): Outcome {
  const { head, called } = asked;
  if (decision.type !== 'Forward') {
    const answer = answerDecided(decision, head, called);
    const { flag, reason } = decision.type === 'Answer' ? decision : {};
    return answered(decision, asked, { answer, flag, reason });
  }
  const counted = head.copy();
  if (!countForward(counted)) return answered(decision, asked, { answer: answerLast(counted) });
  const { group } = decision;
  if (group.known && group.candidates(called.family).length === 0) {
    const failure = { flag: 'UH', status: 503, reason: noEndpoint(decision) } as const;
    return answered(decision, asked, { answer: composeFailure(failure, 'outbound', false), ...failure });
  }
  return forwarded(decision, counted, asked);
}

type Given = { readonly answer: OwnAnswer; readonly flag?: Flag | undefined; readonly reason?: string | undefined };

function answered(decision: Decision, { head, share }: Asked, { answer, flag, reason }: Given): Outcome {
  const grpcStatus =
    answer.head.status >= 400 && expectsGRPC(head) ? grpcStatusFor(answer.head.status, flag) : undefined;
  if (grpcStatus !== undefined)
    becomeTrailersOnly(answer.head, head, { status: grpcStatus, reason: reason ?? answer.head.reason });
  const cors = answer.filtered ?? shareResponse(decision, head, answer.head);
  const headers = headersOf(answer.head.headers).filter(({ name }) => !plumbing.has(name));
  const location = answer.head.headers.get('location');
  return {
    type: 'Answered',
    share,
    decidedBy: decidedBy(decision),
    status: answer.head.status,
    ...(grpcStatus !== undefined && { grpcStatus }),
    ...(flag !== undefined && { flag }),
    ...(reason !== undefined && { reason }),
    ...(location !== undefined && { location }),
    headers,
    ...(cors !== undefined && { cors: readVerdict(cors) }),
  };
}

/** What stands in every answer of a sidecar, or is told beside. */
const plumbing = new Set(['date', 'location', 'content-type', 'grpc-status', 'grpc-message']);

function forwarded(decision: Forward, head: RequestHead, { called, share }: Asked): Outcome {
  const sent = attemptHead(decision, head, called);
  const cors = shareResponse(decision, head, new ResponseHead());
  const { group, timeouts, retry, mirrors = [] } = decision;
  return {
    type: 'Forwarded',
    share,
    decidedBy: decidedBy(decision),
    path: `${sent.path}${sent.hasQuery ? `?${sent.query}` : ''}`,
    host: sent.authority,
    headers: changesOf(head.headers, sent.headers),
    ...(group.known && { endpoints: endpointsOf(decision, called.family) }),
    staysWithOne: group.affinity !== undefined,
    response: responseChanges(decision.responseHeaders, cors),
    ...(timeouts !== undefined && { timeouts }),
    ...(retry !== undefined && { retry }),
    mirrors: mirrors.map(({ name, fraction }) => ({ backend: name, share: fraction })),
    ...(expectsGRPC(head) && { isGRPC: true }),
  };
}

function endpointsOf({ group }: Forward, family: 4 | 6): readonly EndpointView[] {
  return group.candidates(family).map(({ endpoint: { address, port, pod } }) => {
    const name = destinationName(address, port);
    return pod === undefined ? { address: name } : { address: name, pod };
  });
}

/** The fields of the log line that explain it. */
function decidedBy({ explanation }: Decision): DecidedBy {
  const fields = JSON.parse(`{${explanation.fields.slice(1)}}`) as DecidedBy & { service?: string; share?: string };
  const { service: _, share: __, ...rest } = fields;
  return rest;
}
