import type { HttpMetrics } from '../observe/httpMetrics.ts';

/** What compiling a routing needs of the proxy around it. `Group`: a backend's endpoints, which decisions only pass on. */
export type CompileContext<Group> = {
  readonly revision: string;
  readonly metrics: Pick<HttpMetrics, 'route'>;
  group(name: string): Group;
};
