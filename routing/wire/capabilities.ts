/**
 * What sidecars can read that some older one cannot: a sidecar names these in its stream's node, and an agent sends
 * nothing that needs one to a sidecar that does not name it. Names are never changed or used again. Who names none is of
 * commit 4011768 or before: it reads what routing.proto had then, and passes over new fields except in filters and matches.
 */
export const capabilities = {
  'heddle.v1.refuses-unknown':
    'What it does not know in any message fails visibly: it refuses the resource, or answers 500 for the rule or backend.',
  'heddle.v1.inbound': "What is declared of the ports of the sidecar's own pod.",
  'heddle.v1.http-route-policies': 'RequestMirror, CORS, timeouts and retry of an HTTPRoute.',
  'heddle.v1.service-policies': 'Endpoints that a client stays with, and why it may use none.',
  'heddle.v1.endpoint-policy': 'How a Service wants its endpoints to be treated: ejection, slow start, limits.',
  'heddle.v1.peer': 'Which pod has an address.',
  'heddle.v1.http2': 'Requests over HTTP/2: GRPCRoutes, and backends that speak it.',
} as const satisfies Readonly<Record<`heddle.v1.${string}`, string>>;

/** The name of something that not every sidecar can read. */
export type Capability = keyof typeof capabilities;

/** The names of all that this version can read. */
export const capabilityNames: readonly string[] = Object.keys(capabilities);
