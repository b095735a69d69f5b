import { destinationName, type Endpoint } from '../../routing/model.ts';
import type { Forward } from '../../proxy/route/decision.ts';
import { type Explanation, explanationFragment } from '../../proxy/observe/fragment.ts';
import type { UpstreamEndpoint } from '../../proxy/upstream/endpoint.ts';
import type { InboundPorts } from './inboundPorts.ts';
import type { Original, Path } from './path.ts';

const passedThrough = explanationFragment({ backend: 'passthrough' });

/** Explains a way that leads straight to the original destination. */
export function explainStraight({ direction, original }: Path, inbound: InboundPorts): Explanation {
  return direction === 'inbound' ? inbound.explain(original.port) : passedThrough;
}

/** Sends requests to the one original destination. */
export function prepareStraight(
  path: Path,
  endpoint: UpstreamEndpoint,
  { explanation, metrics }: Pick<Forward, 'explanation' | 'metrics'>,
): Forward {
  const candidates = [endpoint];
  const members: readonly Endpoint[] = [endpoint.endpoint];
  const name = destinationName(path.original.address, path.original.port);
  return {
    type: 'Forward',
    explanation,
    metrics,
    protocol: 'asReceived',
    group: {
      name,
      known: true,
      members,
      whyNone: undefined,
      affinity: undefined,
      budget: undefined,
      candidates: () => candidates,
    },
    requestHeaders: [],
    responseHeaders: [],
    hostname: undefined,
    path: undefined,
    matchedPrefix: undefined,
    cors: undefined,
    timeouts: undefined,
    mirrors: undefined,
    retry: undefined,
    retries: undefined,
  };
}

/** The original destination as an endpoint. */
export function originalEndpoint({ address, port }: Original): Endpoint {
  return { address, port, ready: true, serving: true, terminating: false };
}
