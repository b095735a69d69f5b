import type { Api } from '../../kubernetes/api.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Change } from '../translate/derived.ts';
import type { RouteStatus } from '../translate/result.ts';
import { createRouteEventWriter, type RouteEventWriter } from './routeEventWriter.ts';
import { WorkQueue } from './workQueue.ts';

export type RouteEventsOptions = { readonly api: Api; readonly log: Logger; readonly isLeader: () => boolean };

/**
 * Tells a route's owner, by a Warning Event, what no condition can say since the parent is not ours: each mistake once for
 * as long as the API server keeps the Event, whichever agent leads.
 */
export class RouteEvents {
  readonly #isLeader: () => boolean;
  readonly #writer: RouteEventWriter;
  readonly #queue = new WorkQueue(1, (key) => this.#tell(key));
  readonly #mistaken = new Map<string, RouteStatus>();
  #term: AbortController | undefined;

  constructor({ isLeader, ...options }: RouteEventsOptions) {
    this.#isLeader = isLeader;
    this.#writer = createRouteEventWriter(options);
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
    const signal = this.#term?.signal;
    for (const mistake of this.#mistaken.get(key)?.mistakes ?? []) {
      await this.#writer.turn(signal);
      const route = this.#mistaken.get(key);
      if (route === undefined || signal === undefined || signal.aborted || !this.#isLeader()) return;
      const text = { type: 'Warning', reason: 'ParentIgnored', message: mistake, id: mistake } as const;
      await this.#writer.write(route, text, signal);
    }
  }
}
