import { endpointsName } from '../../routing/model.ts';
import { explanationFragment } from '../../proxy/observe/fragment.ts';
import type { Metrics } from '../../proxy/observe/metrics.ts';
import type { TunnelWay } from '../../proxy/serve/context.ts';
import type { CompiledRouting } from '../../proxy/route/compile.ts';
import type { UpstreamEndpoint } from '../../proxy/upstream/endpoint.ts';
import type { Path } from './path.ts';

type TcpMetrics = Metrics['tcp'];

/** To the original destination. */
export function straightTunnel(
  { direction, original }: Path,
  { endpoint, explanation }: Pick<TunnelWay, 'endpoint' | 'explanation'>,
  metrics: TcpMetrics,
): TunnelWay {
  return {
    endpoint,
    explanation,
    metrics: direction === 'inbound' ? metrics.inbound(original.port) : metrics.outbound(undefined),
    reason: undefined,
  };
}

/** To the endpoint that was picked of those of the Service, if any is ready. */
export function tunnelToService(
  { routing, revision, expectation, group }: CompiledRouting,
  endpoint: UpstreamEndpoint | undefined,
  metrics: TcpMetrics,
): TunnelWay {
  const { service, port } = routing;
  const name = endpointsName(service, port);
  return {
    endpoint,
    explanation: explanationFragment({ service: name, backend: name, revision }),
    metrics: metrics.outbound({ ...service, port }),
    reason:
      endpoint === undefined
        ? (group.whyNone ?? `none of the endpoints of ${group.name} is ready`)
        : expectation.routed
          ? 'passed through: routes do not apply to a connection that is not HTTP'
          : undefined,
  };
}
