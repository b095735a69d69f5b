import { createSeldom } from '../../runtime/seldom.ts';
import type { Logger } from '../../runtime/log.ts';
import type { OpenConnection } from './served.ts';
import { shedMost } from './shedMost.ts';

/** What has not moved for so many looks stands still: an upload that flows does not, however much of it is under way. */
const stillLooks = 5;

export type UnreadLimits = { readonly limitBytes: number; readonly everyMs?: number };

/**
 * Keeps what the kernel holds of uploads that stand still, since their server takes nothing, within `limitBytes`: it is
 * memory of this container, which the kernel does not limit by itself. Beyond it those who have most are refused. Returns how
 * to stop.
 */
export function limitUnread(
  connections: Iterable<OpenConnection>,
  { limitBytes, everyMs = 1000 }: UnreadLimits,
  log: Pick<Logger, 'warn'>,
): () => void {
  const maySay = createSeldom(10_000, 1);
  // When it was looked: in a process that was kept from running nothing has moved either.
  const looks: number[] = [];
  const timer = setInterval(() => {
    const sinceMs = looks.length < stillLooks ? undefined : looks.shift();
    looks.push(performance.now());
    if (sinceMs === undefined) return;
    const still = Array.from(connections, ({ served }) => ({ served, bytes: served.unread?.(sinceMs) ?? 0 }));
    const unreadBytes = still.reduce((sum, { bytes }) => sum + bytes, 0);
    if (unreadBytes <= limitBytes) return;
    if (maySay('unread'))
      log.warn({ unreadBytes, limitBytes }, 'Too much is sent that no server takes: who has most is refused');
    shedMost(still, unreadBytes, limitBytes);
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
