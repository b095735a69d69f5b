import { setTimeout as sleep } from 'node:timers/promises';
import { agentName } from '../../contract/objects.ts';
import type { Api } from '../../kubernetes/api.ts';
import { type EventText, writeEvent } from '../../kubernetes/event.ts';
import { routeName } from '../../routing/model.ts';
import type { Logger } from '../../runtime/log.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { createSeldom } from '../../runtime/seldom.ts';
import { TokenBucket } from '../../runtime/tokenBucket.ts';
import type { RouteStatus } from '../translate/result.ts';
import { apiVersionOf } from './routePath.ts';

/** The route that an Event is about. */
type EventRoute = Pick<RouteStatus, 'kind' | 'namespace' | 'name' | 'uid'>;

/** What is said of it; `id` tells this Event from others of the route. */
export type RouteEventText = Pick<EventText, 'type' | 'reason' | 'message' | 'id'>;

export type RouteEventWriter = {
  /** Resolves when one more may be written, or at once when the signal is aborted. */
  turn(signal: AbortSignal | undefined): Promise<void>;
  /** Never rejects. */
  write(route: EventRoute, text: RouteEventText, signal: AbortSignal): Promise<void>;
};

const timeoutMs = 4000;
const rate = { perSecond: 5, burst: 20 };

/** Writes Events on routes, a few in a second. What cannot be written is logged, once a minute, and not tried again. */
export function createRouteEventWriter({ api, log }: { readonly api: Api; readonly log: Logger }): RouteEventWriter {
  const bucket = new TokenBucket(rate, performance.now());
  const maySayFailed = createSeldom(60_000, 1);
  return {
    async turn(signal) {
      await sleep(bucket.take(performance.now()), undefined, { signal }).catch(() => undefined);
    },
    async write({ kind, namespace, name, uid = '' }, { id, ...text }, signal) {
      const regarding = { apiVersion: apiVersionOf(kind), kind, namespace, name, uid };
      const event = { ...text, namespace, regarding, component: agentName, id: `${kind} ${uid} ${id}`, at: new Date() };
      try {
        await writeEvent(api, event, { signal, timeoutMs });
      } catch (error) {
        if (signal.aborted || !maySayFailed('')) return;
        log.warn({ route: routeName(regarding), reason: reasonOf(error) }, 'An Event could not be written');
      }
    },
  };
}
