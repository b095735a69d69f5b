import { endpointsName, type Filter, type Timeouts } from '../../routing/model.ts';
import type { RouteKey } from '../observe/labels.ts';
import { upstreamProtocols } from '../upstream/connections.ts';
import type { CompileContext } from './compileContext.ts';
import type { Mirror } from './decision.ts';

const defaultTimeoutMs = 10_000;

type Of = {
  readonly filters: readonly Filter[];
  readonly timeouts: Timeouts | undefined;
  readonly key: Pick<RouteKey, 'parent' | 'route'>;
};

/** The mirrors among the filters of a rule and its backend; those that lead nowhere are none. Undefined: there are none. */
export function prepareMirrors({ filters, timeouts, key }: Of, context: CompileContext): readonly Mirror[] | undefined {
  const mirrors: Mirror[] = [];
  for (const filter of filters) {
    if (filter.type !== 'RequestMirror' || filter.target.type === 'Invalid' || filter.fraction === 0) continue;
    const { namespace, name, port, target, fraction } = filter;
    const protocol = upstreamProtocols[target.protocol];
    if (protocol === undefined) continue;
    mirrors.push({
      name: endpointsName(filter, port),
      group: context.group(target.endpoints),
      protocol,
      fraction,
      timeoutMs: timeouts?.backendRequestMs ?? defaultTimeoutMs,
      metrics: context.metrics.mirror({ ...key, backend: { namespace, name, port } }),
    });
  }
  return mirrors.length === 0 ? undefined : mirrors;
}
