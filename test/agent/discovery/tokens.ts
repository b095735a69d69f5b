import { json, type Answer } from '../../kubernetes/scripted.ts';

export const audience = 'heddle.dev/agent';

/** A JWT with these claims, unsigned: who signed it is for the API server to say. */
export function makeToken(claims: Readonly<Record<string, unknown>> = {}): string {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${part({ alg: 'RS256' })}.${part({ aud: [audience], exp, ...claims })}.c2lnbmVk`;
}

/** The status of a TokenReview that accepts the token of a pod. */
export function acceptedAs(namespace: string, pod: string, node?: string): Record<string, unknown> {
  return {
    authenticated: true,
    audiences: [audience],
    user: {
      username: `system:serviceaccount:${namespace}:default`,
      uid: '1',
      groups: ['system:serviceaccounts'],
      extra: {
        'authentication.kubernetes.io/pod-name': [pod],
        'authentication.kubernetes.io/pod-uid': ['2'],
        ...(node !== undefined && { 'authentication.kubernetes.io/node-name': [node] }),
      },
    },
  };
}

/** A TokenReview with this status, as the API server answers it. */
export function reviewed(status: unknown): Answer {
  return json(201, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status });
}

/** Accepts each token as its own claims `namespace` and `pod` say. */
export const believing: Answer = (got, response, request) => {
  const { spec } = JSON.parse(got.body) as { spec: { token: string } };
  const claims = JSON.parse(Buffer.from(spec.token.split('.')[1] ?? '', 'base64url').toString()) as {
    namespace: string;
    pod: string;
  };
  return reviewed(acceptedAs(claims.namespace, claims.pod))(got, response, request);
};

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
