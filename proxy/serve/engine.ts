import type { DetectorLimits } from '../detect/detector.ts';
import type { Report } from '../exchange/context.ts';
import type { DownstreamLimits } from '../http1/downstreamOwner.ts';
import type { AccessLog } from '../observe/accessLog.ts';
import type { UpstreamRegistry } from '../upstream/registry.ts';
import type { Bag } from '../../runtime/bag.ts';
import type { OpenConnection } from './served.ts';

/** Times in milliseconds; see settings.ts of a role. */
export type EngineLimits = DetectorLimits & DownstreamLimits & { readonly connectTimeoutMs: number };

/** What all connections of this process share, whatever role it plays. */
export type Engine = {
  readonly limits: EngineLimits;
  readonly registry: UpstreamRegistry;
  readonly accessLog: AccessLog;
  /** Hears how a request ended, unless its connection's context names another. */
  readonly report: Report;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** True once the process drains. */
  closing: boolean;
  readonly connections: Bag<OpenConnection>;
};
