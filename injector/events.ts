import { createHash } from 'node:crypto';
import { injectorName } from '../contract/objects.ts';
import { type Api, isApiStatus } from '../kubernetes/api.ts';
import type { JsonObject } from '../runtime/json.ts';
import type { Logger } from '../runtime/log.ts';
import { reasonOf } from '../runtime/reason.ts';
import type { EventReason } from './judge.ts';

/** An object, as Events name it, in the namespace that they stand in. */
export type Regarding = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly namespace?: string;
};

/** What an Event says, all of it read from the API server or our own; `namespace` is where it stands. */
export type Told = {
  readonly namespace: string;
  readonly regarding: Regarding;
  readonly reason: EventReason;
  readonly message: string;
};

/** Longer than two replicas need to come upon the same, shorter than the hour for which the API server keeps Events. */
const repeatAfterMs = 300_000;
const mostRemembered = 1000;
const mostAtOnce = 20;

export type Events = {
  /** Writes what `find` comes upon; the same of `key` is looked for every five minutes at most. */
  readonly report: (key: string, find: () => Promise<Told | undefined>) => void;
};

/**
 * Writes Warning events where `kubectl describe` shows them. The same about the same object comes every five minutes at
 * most, of all replicas together. Nothing waits for it, and it never fails: what cannot be written is logged.
 */
export function createEvents(options: { readonly api: Api; readonly log: Logger; readonly now: () => number }): Events {
  const { api, log, now } = options;
  const reported = new Map<string, number>();
  let underWay = 0;

  async function write(find: () => Promise<Told | undefined>): Promise<void> {
    underWay++;
    try {
      const told = await find();
      if (told === undefined) return;
      const body = eventOf(told, new Date(now()));
      await api.request({ method: 'POST', path: `/api/v1/namespaces/${told.namespace}/events`, body });
    } catch (error) {
      // Another replica said so already.
      if (!isApiStatus(error, 409)) log.warn({ reason: reasonOf(error) }, 'An Event could not be written');
    } finally {
      underWay--;
    }
  }

  return {
    report(key, find) {
      const last = reported.get(key);
      if (underWay >= mostAtOnce || (last !== undefined && now() < last + repeatAfterMs)) return;
      reported.delete(key);
      reported.set(key, now());
      const [oldest] = reported.keys();
      if (reported.size > mostRemembered && oldest !== undefined) reported.delete(oldest);
      void write(find);
    },
  };
}

function eventOf({ namespace, regarding, reason, message }: Told, at: Date): JsonObject {
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const said = JSON.stringify([regarding, reason, message, Math.floor(at.getTime() / repeatAfterMs)]);
  const suffix = createHash('sha256').update(said).digest('hex').slice(0, 16);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${regarding.name.replace(/[^a-z\d]+$/, '').slice(0, 200)}.${suffix}`, namespace },
    involvedObject: regarding,
    type: 'Warning',
    reason,
    message: message.slice(0, 1024),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: injectorName },
    reportingComponent: injectorName,
    reportingInstance: '',
  };
}
