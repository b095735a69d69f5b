import type { EndpointPolicy } from '../../routing/model.ts';

const none: EndpointPolicy = {};

/**
 * What counts for an endpoint where several Services have it: of each value that any of them gives, the stricter; whoever
 * gives none has no say. Stricter is: left out after fewer failures (0, never, is the mildest) and for longer, a longer slow
 * start, fewer connections and fewer that wait.
 */
export function strictest(policies: Iterable<EndpointPolicy>): EndpointPolicy {
  return [...policies].reduce((one, other) => {
    const merged = {
      outlierFailures:
        least(one.outlierFailures || undefined, other.outlierFailures || undefined) ??
        one.outlierFailures ??
        other.outlierFailures,
      outlierEjectionMs: most(one.outlierEjectionMs, other.outlierEjectionMs),
      slowStartMs: most(one.slowStartMs, other.slowStartMs),
      maxConnections: least(one.maxConnections, other.maxConnections),
      maxWaitingRequests: least(one.maxWaitingRequests, other.maxWaitingRequests),
    };
    return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
  }, none);
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function most(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}
