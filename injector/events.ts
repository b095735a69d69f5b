import { injectorName } from '../contract/objects.ts';
import type { Api } from '../kubernetes/api.ts';
import { type EventText, type Regarding, writeEvent } from '../kubernetes/event.ts';
import type { Logger } from '../runtime/log.ts';
import { reasonOf } from '../runtime/reason.ts';
import type { EventReason } from './judge.ts';

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
      // Where another replica has said so already, this says nothing.
      await writeEvent(api, eventOf(told, now()));
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'An Event could not be written');
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

function eventOf(told: Told, nowMs: number): EventText {
  const { regarding, reason, message } = told;
  const id = JSON.stringify([regarding, reason, message, Math.floor(nowMs / repeatAfterMs)]);
  return { ...told, type: 'Warning', component: injectorName, id, at: new Date(nowMs) };
}
