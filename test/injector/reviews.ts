import type { Injection } from '../../injector/patch/containers.ts';
import type { Moment } from '../../injector/patch/patch.ts';
import { reviewPod } from '../../injector/review.ts';
import { applyPatch } from './jsonPatch.ts';

export const injection: Injection = {
  image: 'heddle:0.2.0',
  version: '0.2.0',
  namespace: 'heddle-system',
  agentAddress: 'heddle-agent.heddle-system.svc:15010',
  agentServerName: 'heddle-agent.heddle-system.svc',
  resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } },
};

export const moment: Moment = {
  agentIp: '10.96.0.7',
  probeToken: '0123456789abcdef0123456789abcdef',
  namespace: undefined,
};

export type PodObject = {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
};

export function reviewOf(object: unknown, request: Readonly<Record<string, unknown>> = {}) {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'review-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      operation: 'CREATE',
      namespace: 'shop',
      object,
      ...request,
    },
  };
}

type Response = {
  readonly uid: string;
  readonly allowed: boolean;
  readonly warnings?: readonly string[];
  readonly patchType?: string;
  readonly patch?: string;
  readonly status?: { readonly message: string };
};

/** Reviews a pod; `pod` is what the API server makes of it. */
export function review(
  object: PodObject,
  request: Readonly<Record<string, unknown>> = {},
  given: Partial<Moment> = {},
) {
  const answer = reviewPod(JSON.parse(JSON.stringify(reviewOf(object, request))), injection, { ...moment, ...given });
  if (!answer.ok) throw new Error(answer.message);
  const response = answer.body['response'] as Response;
  const operations = JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString() || '[]') as Parameters<
    typeof applyPatch
  >[1];
  return { response, operations, outcome: answer.outcome, pod: applyPatch(object, operations) as PodObject };
}
