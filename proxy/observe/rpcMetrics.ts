import type { Outcome } from './accessLog.ts';
import { Durations } from './accumulate.ts';
import { durationFamily, type Family, type Sample } from './exposition.ts';
import type { Flag } from './flags.ts';
import { type GRPCStatus, methodOf, type RPCOutcome } from './grpcStatus.ts';
import { boundedSeries, type Labels } from './series.ts';

/** Counts the RPCs of one label set; it has no series before the first of them. */
export type RPCMetrics = { add(rpc: RPCOutcome, outcome: Pick<Outcome, 'flag' | 'durationMs'>): void };

type Ended = {
  readonly status: GRPCStatus;
  readonly flag: Flag | undefined;
  readonly counter: { count: number };
  /** Shared by those of one status. */
  readonly durations: Durations;
};

/** One for each of the two metrics. */
type OfBoth<T> = { readonly statuses: T; readonly durations: T };

// Callers may make up paths: a server that answers them all has no more than these, nor longer ones.
const mostPaths = 500;
const longestPath = 128;

/** RPCs by service, method and how they ended, and how long they took. `limit` bounds the series of each metric. */
export function createRPCMetrics(
  limit: number,
  names: OfBoth<string>,
): { readonly of: (labels: () => OfBoth<Labels>) => RPCMetrics; readonly families: readonly Family[] } {
  const statuses = boundedSeries(limit, () => ({ count: 0 }));
  const durations = boundedSeries(limit, () => new Durations());
  const make = (path: string, status: GRPCStatus, flag: Flag | undefined, labels: OfBoth<Labels>): Ended => {
    const { service, method } = methodOf(path);
    const own = { grpc_service: service, grpc_method: method, grpc_status: status };
    return {
      status,
      flag,
      counter: statuses.get({ ...labels.statuses, ...own, error: flag ?? '' }),
      durations: durations.get({ ...labels.durations, ...own }),
    };
  };
  return {
    of(labelsOf) {
      const byPath = new Map<string, Ended[]>();
      const endedAt = (path: string): Ended[] => {
        let ended = byPath.get(path);
        if (ended === undefined) byPath.set(path, (ended = []));
        return ended;
      };
      return {
        add({ path: given, status }, { flag, durationMs }) {
          // A name is a caller's word alone until an endpoint has answered that it implements it.
          const isProven = flag === undefined && given.length <= longestPath && byPath.size < mostPaths;
          const isKnown = status !== 'UNIMPLEMENTED' && (isProven || byPath.has(given));
          const path = isKnown ? given : '';
          const all = endedAt(path);
          let ended = all.find((one) => one.status === status && one.flag === flag);
          if (ended === undefined) all.push((ended = make(path, status, flag, labelsOf())));
          ended.counter.count++;
          ended.durations.add(durationMs);
        },
      };
    },
    families: [
      {
        name: names.statuses,
        help: 'RPCs by service, method and grpc_status; error is the flag of the access log',
        type: 'counter',
        *read(): Iterable<Sample> {
          for (const [labels, { count }] of statuses.all()) yield { labels, value: count };
        },
      },
      durationFamily(names.durations, 'Time from the head of an RPC to its status, in seconds', durations),
    ],
  };
}
