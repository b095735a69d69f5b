import type { Family, Sample } from './exposition.ts';
import type { Flag } from './flags.ts';
import { type GRPCStatus, methodOf, type RPCOutcome } from './grpcStatus.ts';
import { boundedSeries, type Labels } from './series.ts';

/** Counts the RPCs of one label set; it has no series before the first of them. */
export type RPCMetrics = { add(rpc: RPCOutcome, flag: Flag | undefined): void };

type Ended = { readonly status: GRPCStatus; readonly flag: Flag | undefined; readonly counter: { count: number } };

// Callers may make up paths: a server that answers them all has no more than these, nor longer ones.
const mostPaths = 500;
const longestPath = 128;

/** RPCs by service, method and how they ended. */
export function createRPCMetrics(
  limit: number,
  name: string,
): { readonly of: (labels: () => Labels) => RPCMetrics; readonly family: Family } {
  const series = boundedSeries(limit, () => ({ count: 0 }));
  return {
    of(labelsOf) {
      const byPath = new Map<string, Ended[]>();
      const endedAt = (path: string): Ended[] => {
        let ended = byPath.get(path);
        if (ended === undefined) byPath.set(path, (ended = []));
        return ended;
      };
      return {
        add({ path: given, status }, flag) {
          // A name is a caller's word alone until an endpoint has answered that it implements it.
          const isProven = flag === undefined && given.length <= longestPath && byPath.size < mostPaths;
          const isKnown = status !== 'UNIMPLEMENTED' && (isProven || byPath.has(given));
          const path = isKnown ? given : '';
          const all = endedAt(path);
          let ended = all.find((one) => one.status === status && one.flag === flag);
          if (ended === undefined) {
            const { service, method } = methodOf(path);
            const own = { grpc_service: service, grpc_method: method, grpc_status: status, error: flag ?? '' };
            ended = { status, flag, counter: series.get({ ...labelsOf(), ...own }) };
            all.push(ended);
          }
          ended.counter.count++;
        },
      };
    },
    family: {
      name,
      help: 'RPCs by service, method and grpc_status; error is the flag of the access log',
      type: 'counter',
      *read(): Iterable<Sample> {
        for (const [labels, { count }] of series.all()) yield { labels, value: count };
      },
    },
  };
}
