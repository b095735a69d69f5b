import type { Api } from '../../kubernetes/api.ts';
import { routeName } from '../../routing/model.ts';
import type { Logger } from '../../runtime/log.ts';
import type { PassedBy } from '../discovery/passedBy.ts';
import { sidecarsInWords } from '../passedByReport.ts';
import { createRouteEventWriter, type RouteEventText, type RouteEventWriter } from './routeEventWriter.ts';
import { WorkQueue } from './workQueue.ts';

export type PassedByEventsOptions = {
  readonly api: Api;
  readonly log: Logger;
  /** Which agent it is whose sidecars are told of. */
  readonly agent: string;
  /** The uid of a route that there is. */
  readonly uidOf: (route: string) => string | undefined;
};

/**
 * Tells a route's owner by Events that older sidecars pass the route by: Warnings while there are some, one that is Normal
 * afterwards. Each agent tells of those that it serves: the one that leads, and writes statuses, knows of no others.
 */
export class PassedByEvents {
  readonly #options: PassedByEventsOptions;
  readonly #writer: RouteEventWriter;
  readonly #queue = new WorkQueue(1, (key) => this.#write(key));
  readonly #latest = new Map<string, PassedBy>();
  readonly #term = new AbortController();

  constructor(options: PassedByEventsOptions) {
    this.#options = options;
    this.#writer = createRouteEventWriter(options);
  }

  /** What holds from now on; with no sidecars: what was told holds no more. */
  tell(passed: PassedBy): void {
    const key = routeName(passed.route);
    this.#latest.set(key, passed);
    this.#queue.add(key);
  }

  /** Ends at once; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#term.abort();
    this.#queue.clear();
    await this.#queue.idle();
  }

  async #write(key: string): Promise<void> {
    const { agent, uidOf } = this.#options;
    const { signal } = this.#term;
    await this.#writer.turn(signal);
    const passed = this.#latest.get(key);
    this.#latest.delete(key);
    const uid = uidOf(key);
    if (passed === undefined || uid === undefined || signal.aborted) return;
    await this.#writer.write({ ...passed.route, uid }, textOf(passed, agent), signal);
  }
}

function textOf({ sidecars }: PassedBy, agent: string): RouteEventText {
  // Another one each time: what is there already is never changed.
  const id = `PassedBy ${agent} ${new Date().toISOString()}`;
  if (sidecars.length === 0) {
    const message = `No older sidecar that ${agent} serves passes this route by any more`;
    return { type: 'Normal', reason: 'PassedByNoMore', message, id };
  }
  const message =
    'Older sidecars send connections of HTTP/2 on without this route until their pods are restarted; ' +
    `${agent} serves ${sidecarsInWords(sidecars)}`;
  return { type: 'Warning', reason: 'PassedBy', message, id };
}
