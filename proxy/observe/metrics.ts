import { createExposition, type Family } from './exposition.ts';
import { createHttpMetrics, type HttpMetrics } from './httpMetrics.ts';
import { answersOnly, type OperatorServer, serveOperator } from '../../runtime/httpServer.ts';
import { type Rendered, renderSeldom } from '../../runtime/renderSeldom.ts';
import { processFamilies } from './processMetrics.ts';
import { createTcpMetrics, type TcpMetrics } from './tcpMetrics.ts';

/** Everything that is counted in one sidecar. */
export type Metrics = {
  readonly http: HttpMetrics;
  readonly tcp: TcpMetrics;
  /** Adds metrics that are read when they are scraped; before the first scrape. */
  register(...more: readonly Family[]): void;
  /** The Prometheus text format. */
  render(): Promise<Rendered>;
};

/** `maxSeries` bounds the label sets of each metric; further ones are counted under `other`. */
export function createMetrics(maxSeries = 1000): Metrics {
  const http = createHttpMetrics(maxSeries);
  const tcp = createTcpMetrics(maxSeries);
  const families: Family[] = [...http.families, ...tcp.families, ...processFamilies()];
  return {
    http,
    tcp,
    register: (...more) => void families.push(...more),
    render: createExposition(families),
  };
}

/** The metrics port: `/metrics`, rendered once a second at most. */
export function serveMetrics(options: {
  readonly port: number;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
}): Promise<OperatorServer> {
  const render = renderSeldom(() => options.metrics.render());
  return serveOperator({
    port: options.port,
    reach: 'everywhere',
    onError: options.onError,
    replyTo: async ({ method, path }) => {
      if (path !== '/metrics') return { status: 404, body: 'Ask for /metrics.\n' };
      if (method !== 'GET' && method !== 'HEAD') return answersOnly(['GET'], '/metrics');
      return { status: 200, ...(await render()) };
    },
  });
}
