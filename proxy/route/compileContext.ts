import type { HttpMetrics } from '../observe/httpMetrics.ts';
import type { BackendGroup } from './decision.ts';

/** What compiling a routing needs of the proxy around it. */
export type CompileContext = {
  readonly revision: string;
  readonly metrics: Pick<HttpMetrics, 'route' | 'mirror' | 'retries'>;
  group(name: string): BackendGroup;
};
