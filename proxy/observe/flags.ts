/**
 * Why a request or connection did not end as it should: Envoy's response flags
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage) with a plain reason each.
 */
export const defaultReasons = {
  NR: 'no rule of the routes on this Service port matches the request',
  UH: 'the backend has no endpoint that is ready or serving',
  UF: 'connecting to the endpoint failed',
  UC: 'the endpoint closed or reset the connection before its response was complete',
  UT: 'the endpoint did not answer in time',
  SI: 'the client sent or took nothing for too long',
  DC: 'the client closed the connection before the response was complete',
  UPE: 'the endpoint sent bytes that are not valid HTTP',
  UO: 'the endpoint has too many connections and waiting requests',
  OM: 'too many bytes wait in the proxy, and this connection held most of them',
  NC: 'the backend that was chosen is invalid',
  NFCF: 'the rule has a filter that is not supported',
  DPE: 'the client sent bytes that are not valid HTTP',
} as const satisfies Readonly<Record<string, string>>;

export type Flag = keyof typeof defaultReasons;

/** Whether what ended so shows that its endpoint was connected to. */
export function wasReached(flag: Flag | undefined): boolean {
  return flag === undefined || flag === 'UC' || flag === 'UPE' || flag === 'UT';
}
