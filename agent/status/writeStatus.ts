import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../kubernetes/api.ts';
import type { Logger } from '../../runtime/log.ts';
import { createSeldom } from '../../runtime/seldom.ts';
import type { ObservedStatuses } from '../cluster/observedStatus.ts';
import type { Change } from '../translate/derived.ts';
import type { RouteStatus } from '../translate/result.ts';
import { classify, type Failure } from './failure.ts';
import { LatestStatuses } from './latestStatuses.ts';
import { routePath } from './routePath.ts';
import { diffParents } from './statusDiff.ts';
import type { StatusMetrics } from './statusMetrics.ts';
import { TokenBucket } from '../../runtime/tokenBucket.ts';
import { WorkQueue } from './workQueue.ts';

export type StatusLimits = {
  /** Requests under way at a time. */
  readonly concurrency: number;
  readonly perSecond: number;
  readonly burst: number;
};

/**
 * 1,000 statuses take 1.5 s where the API server keeps pace. It spends 3.5 ms of CPU on each (1.36, HTTPRoute of v1.6,
 * on 2 cores), so that one with two cores of its own, or fewer, sets the pace itself; requests under way are few enough
 * to leave it to others too.
 */
const defaultLimits: StatusLimits = { concurrency: 10, perSecond: 500, burst: 250 };

/** More statuses than these, changed by one translation, are a bulk, behind which a single one does not wait. */
const bulkSize = 20;

export type StatusWriterOptions = {
  readonly api: Api;
  readonly log: Logger;
  readonly observed: ObservedStatuses;
  readonly metrics: StatusMetrics;
  /** Asked before each request: false as soon as another may write. */
  readonly isLeader: () => boolean;
  readonly limits?: StatusLimits;
};

/**
 * Brings the statuses of routes in the API server to what the translation says, while this process leads. What it
 * writes names the version that it was compared with, so that nothing written in between is lost.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #queue: WorkQueue;
  readonly #bucket: TokenBucket;
  readonly #latest: LatestStatuses;
  readonly #refusals = new Map<string, string>();
  readonly #failures = new Map<string, number>();
  readonly #maySayFailed = createSeldom(60_000, 1);
  readonly #unlisten: () => void;
  readonly #desired = new Map<string, RouteStatus>();
  #term: AbortController | undefined;

  constructor(options: StatusWriterOptions) {
    const { concurrency, ...rate } = options.limits ?? defaultLimits;
    this.#options = options;
    this.#queue = new WorkQueue(concurrency, (key) => this.#work(key));
    this.#bucket = new TokenBucket(rate, performance.now());
    this.#latest = new LatestStatuses(options.observed);
    this.#unlisten = options.observed.onChange((key) => this.#onObserved(key));
  }

  /** Keys that wait to be compared or written. */
  get pending(): number {
    return this.#queue.size;
  }

  /** Takes the statuses that changed, by route. */
  desire(changes: readonly Change<RouteStatus>[]): void {
    for (const { key, after } of changes) {
      if (after === undefined) this.#desired.delete(key);
      else this.#desired.set(key, after);
    }
    this.#add(changes.filter(({ after }) => after !== undefined).map(({ key }) => key));
  }

  /** Begins: every route is compared once. */
  start(): void {
    this.#latest.forget();
    this.#term = new AbortController();
    this.#add([...this.#desired.keys()]);
  }

  /** Ends at once: what waits is dropped, requests under way are cut off. Resolves when none is left. */
  async stop(): Promise<void> {
    this.#term?.abort();
    this.#term = undefined;
    this.#queue.clear();
    await this.#queue.idle();
  }

  async close(): Promise<void> {
    this.#unlisten();
    await this.stop();
  }

  #add(keys: readonly string[]): void {
    if (this.#term === undefined) return;
    const lane = keys.length > bulkSize ? 'bulk' : 'single';
    for (const key of keys) this.#queue.add(key, lane);
  }

  /** Mostly of what was written here; then there is nothing to do. */
  #onObserved(key: string): void {
    if (this.#term !== undefined && this.#compare(key) !== undefined) this.#queue.add(key, 'bulk');
  }

  async #work(key: string): Promise<void> {
    const term = this.#term?.signal;
    if (term === undefined) return;
    if (this.#compare(key) === undefined) {
      this.#failures.delete(key);
      this.#refusals.delete(key);
      return;
    }
    await pause(this.#bucket.take(performance.now()), term);
    // Compared again: only the latest of what came meanwhile is written.
    const change = this.#compare(key);
    if (change === undefined || term.aborted) return;
    // The Lease may be in doubt for a moment without the term being over.
    if (!this.#options.isLeader()) return this.#queue.addAfter(key, doubtMs);
    const { path, resourceVersion, parents } = change;
    try {
      const answer = await this.#options.api.request({
        method: 'PATCH',
        path: `${path}/status`,
        contentType: 'application/merge-patch+json',
        body: { metadata: { resourceVersion }, status: { parents } },
        signal: term,
        timeoutMs,
      });
      this.#latest.learn(key, answer);
      this.#options.metrics.count('written');
      this.#failures.delete(key);
      this.#refusals.delete(key);
    } catch (error) {
      if (term.aborted) return;
      const waitMs = await this.#fail(key, path, classify(error));
      if (!term.aborted && waitMs !== undefined) this.#queue.addAfter(key, waitMs);
    }
  }

  /** What is to be written for a route now; undefined when nothing is, or when another event must come first. */
  #compare(key: string): Write | undefined {
    const desired = this.#desired.get(key);
    const observed = this.#latest.get(key);
    // A route that was made anew under its old name waits for its own translation.
    if (desired === undefined || observed === undefined || desired.uid !== observed.uid) return undefined;
    const parents = diffParents(desired, observed, Date.now());
    if (parents === undefined) return undefined;
    return { path: routePath(desired), resourceVersion: observed.resourceVersion, parents };
  }

  /** Returns after how many milliseconds to try again, undefined for not at all. */
  async #fail(key: string, path: string, failure: Failure): Promise<number | undefined> {
    const { api, log, metrics } = this.#options;
    metrics.count(failure.outcome);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    switch (failure.outcome) {
      case 'gone':
        // The watch tells of the removal; there is nothing left to write to.
        return undefined;
      case 'refused':
        if (this.#refusals.get(key) !== failure.message)
          log.warn({ route: key, reason: failure.message }, 'The API server refuses the status of a route');
        this.#refusals.set(key, failure.message);
        return refusedMs;
      case 'conflict':
        // The watch will bring what was written in between, but may lag behind.
        await api.request({ path, timeoutMs }).then(
          (route) => this.#latest.learn(key, route),
          () => undefined,
        );
        return failures === 1 ? 0 : backOffMs(failures);
      case 'failed':
        if (failures >= loudFailures && this.#maySayFailed(''))
          log.warn({ route: key, reason: failure.message }, 'Statuses cannot be written; trying on');
        return backOffMs(failures);
      default:
        return failure.outcome satisfies never;
    }
  }
}

type Write = { readonly path: string; readonly resourceVersion: string; readonly parents: readonly unknown[] };

/** Less than what lies between a leader's end and the next one's begin. */
const timeoutMs = 4000;
const doubtMs = 500;
/** Not before something changes, which may also be the API server's schema. */
const refusedMs = 300_000;
/** Single failures are the ordinary life of an API server. */
const loudFailures = 3;

function backOffMs(failures: number): number {
  return Math.min(30_000, 50 * 2 ** Math.min(failures, 10)) * (0.75 + Math.random() / 2);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return Promise.resolve();
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}
