import type { Family, Sample } from './exposition.ts';
import { backendLabels, type RouteKey } from './labels.ts';
import { boundedSeries, type Series } from './series.ts';

/** Why a request was sent again: what became of the try before. */
export type RetryReason = 'connect_failure' | 'reset' | 'timeout' | 'status';

/** What became of a further try: its response was passed on whole, it was in vain too, or the client was gone before. */
export type RetryOutcome = 'answered' | 'failed' | 'abandoned';

/** What is spent so that a request is not sent again: the tries that it may have, or its backend's budget. */
export type RetryLimit = 'attempts' | 'budget';

/** Counts the further tries of the requests of one label set. It has no series before the first of them. */
export type RetryMetrics = {
  /** One has ended. */
  tried(reason: RetryReason, outcome: RetryOutcome): void;
  /** A request that failed would have been sent again, but for this. */
  limited(by: RetryLimit): void;
};

type Tries = { readonly reason: RetryReason; readonly outcome: RetryOutcome; count: number };
type Counts = { readonly tries: Tries[]; readonly limited: Record<RetryLimit, number> };

/** Linkerd's names, by route, rule and backend; the tries also by why they were made and what became of them. */
export function createRetryMetrics(limit: number): {
  readonly retries: (key: RouteKey) => RetryMetrics;
  readonly families: readonly Family[];
} {
  const series = boundedSeries<Counts>(limit, () => ({ tries: [], limited: { attempts: 0, budget: 0 } }));
  return {
    retries(key) {
      let made: Counts | undefined;
      const counts = (): Counts => (made ??= series.get(backendLabels(key)));
      return {
        tried(reason, outcome) {
          const { tries } = counts();
          const known = tries.find((one) => one.reason === reason && one.outcome === outcome);
          if (known === undefined) tries.push({ reason, outcome, count: 1 });
          else known.count++;
        },
        limited: (by) => void counts().limited[by]++,
      };
    },
    families: [
      {
        name: 'outbound_http_route_retry_requests_total',
        help: 'Tries of requests beyond the first, by what became of the try before and of this one',
        type: 'counter',
        *read(): Iterable<Sample> {
          for (const [labels, { tries }] of series.all())
            for (const { reason, outcome, count } of tries)
              yield { labels: { ...labels, reason, outcome }, value: count };
        },
      },
      limitFamily(series, 'attempts', 'limit_exceeded', 'Requests that failed with all the tries that they may have'),
      limitFamily(
        series,
        'budget',
        'overflow',
        'Requests that failed and were not sent again: the retry budget is spent',
      ),
    ],
  };
}

function limitFamily(series: Series<Counts>, by: RetryLimit, ...[name, help]: readonly [string, string]): Family {
  return {
    name: `outbound_http_route_retry_${name}_total`,
    help,
    type: 'counter',
    *read(): Iterable<Sample> {
      for (const [labels, { limited }] of series.all()) yield { labels, value: limited[by] };
    },
  };
}
