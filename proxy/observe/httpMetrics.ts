import type { Outcome } from './accessLog.ts';
import { Bytes, Durations, Statuses } from './accumulate.ts';
import { durationFamily, type Family, type Sample } from './exposition.ts';
import { wasReached } from './flags.ts';
import { backendLabels, routeLabels, type RouteKey } from './labels.ts';
import { createMirrorMetrics, type MirrorMetrics } from './mirrorMetrics.ts';
import { createRPCMetrics, type RPCMetrics } from './rpcMetrics.ts';
import { createRetryMetrics, type RetryMetrics } from './retryMetrics.ts';
import { boundedSeries, type Series } from './series.ts';

/** Counts the requests of one label set; plain additions, for the hot path. */
export type RequestMetrics = { observe(outcome: Outcome): void };

/** HTTP metrics; `route`, `mirror`, `retries` and `inbound` are called once per label set and their result kept. */
export type HttpMetrics = {
  route(key: RouteKey): RequestMetrics;
  mirror(key: RouteKey): MirrorMetrics;
  retries(key: RouteKey): RetryMetrics;
  inbound(port: number): RequestMetrics;
  readonly families: readonly Family[];
};

/** Linkerd's route metrics (https://linkerd.io/2/reference/proxy-metrics/) with a `rule` label, and their inbound equals. */
export function createHttpMetrics(limit: number): HttpMetrics {
  const routes = { durations: durationSeries(limit), bytes: byteSeries(limit), statuses: statusSeries(limit) };
  const inbound = { durations: durationSeries(limit), bytes: byteSeries(limit), statuses: statusSeries(limit) };
  const mirrors = createMirrorMetrics(limit);
  const retries = createRetryMetrics(limit);
  const routeRPCs = createRPCMetrics(limit, {
    statuses: 'outbound_grpc_route_backend_response_statuses_total',
    durations: 'outbound_grpc_route_request_duration_seconds',
  });
  const inboundRPCs = createRPCMetrics(limit, {
    statuses: 'inbound_grpc_response_statuses_total',
    durations: 'inbound_grpc_request_duration_seconds',
  });
  return {
    mirror: mirrors.mirror,
    retries: retries.retries,
    route(key) {
      const labels = routeLabels(key);
      return observer({
        durations: routes.durations.get(labels),
        bytes: routes.bytes.get(labels),
        statuses: routes.statuses.get(backendLabels(key)),
        rpcs: routeRPCs.of(() => ({ statuses: backendLabels(key), durations: labels })),
      });
    },
    inbound(port) {
      const labels = { target_port: String(port) };
      let made: RequestMetrics | undefined;
      return {
        observe(outcome) {
          // Anybody may try any port: only one that was reached gets a series.
          if (made === undefined && !wasReached(outcome.flag) && inbound.statuses.find(labels) === undefined) return;
          made ??= observer({
            durations: inbound.durations.get(labels),
            bytes: inbound.bytes.get(labels),
            statuses: inbound.statuses.get(labels),
            rpcs: inboundRPCs.of(() => ({ statuses: labels, durations: labels })),
          });
          made.observe(outcome);
        },
      };
    },
    families: [
      durationFamily('outbound_http_route_request_duration_seconds', durationHelp, routes.durations),
      statusFamily('outbound_http_route_backend_response_statuses_total', routes.statuses),
      ...byteFamilies('outbound_http_route', routes.bytes),
      mirrors.family,
      ...retries.families,
      ...routeRPCs.families,
      durationFamily('inbound_http_request_duration_seconds', durationHelp, inbound.durations),
      statusFamily('inbound_http_response_statuses_total', inbound.statuses),
      ...byteFamilies('inbound_http', inbound.bytes),
      ...inboundRPCs.families,
    ],
  };
}

type Accumulators = {
  readonly durations: Durations;
  readonly bytes: Bytes;
  readonly statuses: Statuses;
  readonly rpcs: RPCMetrics;
};

function observer({ durations, bytes, statuses, rpcs }: Accumulators): RequestMetrics {
  return {
    observe(outcome) {
      durations.add(outcome.durationMs);
      bytes.add(outcome.bytesIn, outcome.bytesOut);
      statuses.add(outcome.status, outcome.flag);
      if (outcome.rpc !== undefined) rpcs.add(outcome.rpc, outcome);
    },
  };
}

const durationHelp = 'Time from the head of the request to the end of the response, in seconds';
const durationSeries = (limit: number) => boundedSeries(limit, () => new Durations());
const byteSeries = (limit: number) => boundedSeries(limit, () => new Bytes());
const statusSeries = (limit: number) => boundedSeries(limit, () => new Statuses());

function statusFamily(name: string, series: Series<Statuses>): Family {
  return {
    name,
    help: 'Responses by status; error is the flag of the access log',
    type: 'counter',
    *read(): Iterable<Sample> {
      for (const [labels, statuses] of series.all()) {
        for (const { status, flag, count } of statuses.all()) {
          yield {
            labels: { ...labels, http_status: status < 600 ? String(status) : '600-999', error: flag ?? '' },
            value: count,
          };
        }
      }
    },
  };
}

function byteFamilies(prefix: string, series: Series<Bytes>): readonly Family[] {
  const family = (direction: 'request' | 'response', value: (bytes: Bytes) => number): Family => ({
    name: `${prefix}_${direction}_body_bytes_total`,
    help: `Bytes of ${direction} bodies`,
    type: 'counter',
    *read(): Iterable<Sample> {
      for (const [labels, bytes] of series.all()) yield { labels, value: value(bytes) };
    },
  });
  return [family('request', (bytes) => bytes.received), family('response', (bytes) => bytes.sent)];
}
