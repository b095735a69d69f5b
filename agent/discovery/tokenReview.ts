import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { fieldsOf, textOf, textsOf } from '../../runtime/json.ts';
import { reasonOf } from '../../runtime/reason.ts';
import type { Identity } from './identity.ts';

/** Whose a token is. `unavailable`: nobody can say at the moment. Messages are for people and never hold the token. */
export type Review =
  | { readonly type: 'pod'; readonly identity: Identity }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'unavailable'; readonly message: string };

const timeoutMs = 5000;
const podKey = 'authentication.kubernetes.io/pod-name';
/** Since Kubernetes 1.30. */
const nodeKey = 'authentication.kubernetes.io/node-name';

/**
 * Asks the API server whose a token is; never rejects. The token must be valid for `audience` and bound to a pod, see
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
export async function reviewToken(api: Api, token: string, audience: string): Promise<Review> {
  try {
    const answer = await api.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences: [audience] },
      },
      timeoutMs,
    });
    return readAnswer(answer, audience);
  } catch (error) {
    const reason = reasonOf(error);
    return { type: 'unavailable', message: `${reason}${adviceOn(error)}` };
  }
}

function adviceOn(error: unknown): string {
  return isApiStatus(error, 403)
    ? "; let the agent's ServiceAccount create tokenreviews of authentication.k8s.io (system:auth-delegator)"
    : '';
}

function readAnswer(answer: unknown, audience: string): Review {
  const result = fieldsOf(fieldsOf(answer)['status']);
  if (result['authenticated'] !== true) {
    const reason = textOf(result, 'error') || 'it is not valid, or no longer';
    return { type: 'refused', message: `the API server does not accept the token: ${reason}` };
  }
  // An authenticator that knows nothing of audiences accepts any token and names none.
  if (!textsOf(result['audiences']).includes(audience)) {
    return { type: 'refused', message: `the token is not for the audience ${audience}` };
  }
  const user = fieldsOf(result['user']);
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(textOf(user, 'username') ?? '')?.[1];
  if (namespace === undefined) return { type: 'refused', message: 'the token is no ServiceAccount token' };
  const extra = fieldsOf(user['extra']);
  const [pod] = textsOf(extra[podKey]);
  const [node] = textsOf(extra[nodeKey]);
  if (pod === undefined) {
    const message =
      'the token is not bound to a pod; mount one as a projected volume, those of Secrets and of kubectl create token are not';
    return { type: 'refused', message };
  }
  return { type: 'pod', identity: { namespace, pod, ...(node !== undefined && { node }) } };
}
