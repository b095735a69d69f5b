import type { Family, Sample } from './exposition.ts';
import { backendLabels, type RouteKey } from './labels.ts';
import { boundedSeries } from './series.ts';

/** What became of a mirrored request: it was answered, or was sent in vain, or was not sent, and why. */
export const mirrorOutcomes = [
  'answered',
  'failed',
  'timed_out',
  'no_endpoint',
  'too_many',
  'body_too_long',
  'body_cut_off',
  'upgrade',
] as const;
export type MirrorOutcome = (typeof mirrorOutcomes)[number];

/** Counts the mirrored requests of one label set. */
export type MirrorMetrics = { count(outcome: MirrorOutcome): void };

/** Mirrored requests by route, rule, the backend that they were meant for, and outcome. */
export function createMirrorMetrics(limit: number): {
  readonly mirror: (key: RouteKey) => MirrorMetrics;
  readonly family: Family;
} {
  const series = boundedSeries(limit, () => new Map<MirrorOutcome, number>());
  return {
    mirror(key) {
      const counts = series.get(backendLabels(key));
      return { count: (outcome) => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1) };
    },
    family: {
      name: 'outbound_http_route_mirrored_requests_total',
      help: 'Requests that were mirrored or were to be, by the backend of the mirror and what became of them',
      type: 'counter',
      *read(): Iterable<Sample> {
        for (const [labels, counts] of series.all())
          for (const [outcome, value] of counts) yield { labels: { ...labels, outcome }, value };
      },
    },
  };
}
