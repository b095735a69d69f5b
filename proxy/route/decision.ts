import type { PathModifier, Redirect, Retry, Timeouts } from '../../routing/model.ts';
import type { EndpointGroup } from '../balance/group.ts';
import type { RetryBudget } from '../balance/retryBudget.ts';
import type { Flag } from '../observe/flags.ts';
import type { Explanation } from '../observe/fragment.ts';
import type { RequestMetrics } from '../observe/httpMetrics.ts';
import type { MirrorMetrics } from '../observe/mirrorMetrics.ts';
import type { RetryMetrics } from '../observe/retryMetrics.ts';
import type { ForwardProtocol } from '../upstream/connections.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import type { Cors } from './cors.ts';
import type { HeaderChange } from './headerModifier.ts';

/** What is known of a decision before any request takes it. */
type Prepared = {
  readonly explanation: Explanation;
  readonly metrics: RequestMetrics;
  /** In the order in which they apply. */
  readonly responseHeaders: readonly HeaderChange[];
  /** What the rule says of scripts of other origins: of every response, whoever makes it. */
  readonly cors: Cors | undefined;
};

/** The endpoints of a backend that requests can be sent to. */
export type BackendGroup = EndpointGroup<UpstreamEndpoint>;

/** Where a request can go: a backend's endpoints, or the one original destination. */
export type Candidates = Pick<BackendGroup, 'name' | 'known' | 'members' | 'whyNone' | 'affinity' | 'candidates'> & {
  /** Undefined where there is nothing but the one destination. */
  readonly budget: RetryBudget | undefined;
};

/** A RequestMirror filter made ready before any request. */
export type Mirror = {
  /** `namespace/name:port` */
  readonly name: string;
  readonly group: Candidates;
  readonly protocol: ForwardProtocol;
  /** Of the requests, from 0 to 1. */
  readonly fraction: number;
  /** From when it is sent until its response is complete. */
  readonly timeoutMs: number;
  readonly metrics: MirrorMetrics;
};

/** Send the request to one of a group's endpoints. */
export type Forward = Prepared & {
  readonly type: 'Forward';
  readonly group: Candidates;
  /** In which the group's endpoints are asked. */
  readonly protocol: ForwardProtocol;
  /** In the order in which they apply. */
  readonly requestHeaders: readonly HeaderChange[];
  /** What the Host becomes. */
  readonly hostname: string | undefined;
  readonly path: PathModifier | undefined;
  readonly matchedPrefix: string | undefined;
  /** How long it may take, as the rule says. */
  readonly timeouts: Timeouts | undefined;
  /** Who gets copies of it. */
  readonly mirrors: readonly Mirror[] | undefined;
  /** What the rule says of sending it again. */
  readonly retry: Retry | undefined;
  /** Undefined where there is nothing but the one destination. */
  readonly retries: RetryMetrics | undefined;
};

/** Answer it here. */
export type Answer = Prepared & {
  readonly type: 'Answer';
  readonly status: number;
  readonly flag: Flag | undefined;
  readonly reason: string | undefined;
  readonly redirect: Redirect | undefined;
  readonly matchedPrefix: string | undefined;
};

/** Answer a preflight here: its rule has a CORS filter, and no endpoint hears of it. */
export type Preflight = Prepared & { readonly type: 'Preflight'; readonly by: Cors; readonly cors: undefined };

/** What to do with a request, made once per match and backend and then only looked up. */
export type Decision = Forward | Answer | Preflight;
