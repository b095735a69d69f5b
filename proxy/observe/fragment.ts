import { inOnePiece, quoted } from './escape.ts';

/** What explains a decision and is the same for every request that it concerns; made once per rule and backend. */
export type ExplanationFields = {
  /** `namespace/name:port` */
  readonly service?: string | undefined;
  /** `HTTPRoute namespace/name` */
  readonly route?: string | undefined;
  readonly rule?: number | undefined;
  readonly ruleName?: string | undefined;
  /** What matched, for people: `PathPrefix /api, header x-canary`. */
  readonly matched?: string | undefined;
  /** `namespace/name:port` */
  readonly backend?: string | undefined;
  /** `90%` */
  readonly share?: string | undefined;
  /** `opaque by Service namespace/name:port`: what an inbound connection's port is declared to speak. */
  readonly declared?: string | undefined;
  readonly revision?: string | undefined;
};

/** The same as ready JSON text: its fields, and the revision, which ends the line. */
export type Explanation = { readonly fields: string; readonly revision: string };

/** Prepares them for the access log; absent fields are left out. Not for the hot path. */
export function explanationFragment(explained: ExplanationFields): Explanation {
  const { revision, ...fields } = explained;
  return { fields: fragment(fields), revision: fragment({ revision }) };
}

/** An endpoint (`ip:port`) as ready JSON text, made once per endpoint. */
export function endpointFragment(endpoint: { readonly endpoint: string; readonly pod?: string | undefined }): string {
  return fragment({ endpoint: endpoint.endpoint, pod: endpoint.pod });
}

/** Who called, as ready JSON text, made once per connection. */
export function peerFragment(caller: {
  readonly peer: string;
  /** Where it is known whose address that is. */
  readonly peerPod?: string | undefined;
  readonly peerNamespace?: string | undefined;
}): string {
  return fragment({ peer: caller.peer, peerPod: caller.peerPod, peerNamespace: caller.peerNamespace });
}

function fragment(fields: Readonly<Record<string, string | number | undefined>>): string {
  let json = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) json += `,"${name}":${typeof value === 'number' ? value : quoted(value)}`;
  }
  return inOnePiece(json);
}
