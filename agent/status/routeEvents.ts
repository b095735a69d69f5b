import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import type { Logger } from '../../runtime/log.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { createSeldom } from '../../runtime/seldom.ts';
import { TokenBucket } from '../../runtime/tokenBucket.ts';
import type { Change } from '../translate/derived.ts';
import type { RouteStatus } from '../translate/result.ts';
import { eventsPath, routeEvent } from './routeEvent.ts';
import { WorkQueue } from './workQueue.ts';

export type RouteEventsOptions = { readonly api: Api; readonly log: Logger; readonly isLeader: () => boolean };

const timeoutMs = 4000;
const rate = { perSecond: 5, burst: 20 };

/**
 * Tells a route's owner, by a Warning Event, what no condition can say since the parent is not ours: each mistake once for
 * as long as the API server keeps the Event, whichever agent leads. What cannot be written is logged and not tried again.
 */
export class RouteEvents {
  readonly #options: RouteEventsOptions;
  readonly #queue = new WorkQueue(1, (key) => this.#tell(key));
  readonly #bucket = new TokenBucket(rate, performance.now());
  readonly #maySayFailed = createSeldom(60_000, 1);
  readonly #mistaken = new Map<string, RouteStatus>();
  #term: AbortController | undefined;

  constructor(options: RouteEventsOptions) {
    this.#options = options;
  }

  /** Takes the statuses that changed, by route. */
  desire(changes: readonly Change<RouteStatus>[]): void {
    for (const { key, after } of changes) {
      this.#mistaken.delete(key);
      if (after?.mistakes === undefined) continue;
      this.#mistaken.set(key, after);
      if (this.#term !== undefined) this.#queue.add(key);
    }
  }

  start(): void {
    this.#term = new AbortController();
    for (const key of this.#mistaken.keys()) this.#queue.add(key);
  }

  /** Ends at once; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#term?.abort();
    this.#term = undefined;
    this.#queue.clear();
    await this.#queue.idle();
  }

  async #tell(key: string): Promise<void> {
    const { api, log, isLeader } = this.#options;
    const signal = this.#term?.signal;
    for (const mistake of this.#mistaken.get(key)?.mistakes ?? []) {
      await sleep(this.#bucket.take(performance.now()), undefined, { signal }).catch(() => undefined);
      const route = this.#mistaken.get(key);
      if (route === undefined || signal === undefined || signal.aborted || !isLeader()) return;
      const text = { type: 'Warning', reason: 'ParentIgnored', message: mistake, id: mistake } as const;
      try {
        const body = routeEvent(route, text, new Date());
        await api.request({ method: 'POST', path: eventsPath(route), body, signal, timeoutMs });
      } catch (error) {
        // It is there already: its name says what it says.
        if (isApiStatus(error, 409) || signal.aborted) continue;
        if (this.#maySayFailed('')) log.warn({ route: key, reason: reasonOf(error) }, 'An Event could not be written');
      }
    }
  }
}
