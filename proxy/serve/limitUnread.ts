import { createSeldom } from '../../runtime/seldom.ts';
import type { Logger } from '../../runtime/log.ts';
import type { OpenConnection } from './served.ts';

/** Shed down to this part of the limit, so that not every further byte begins it anew. */
const shedTo = 0.9;

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
    const still = Array.from(connections, ({ served }) => ({ served, unread: served.unread?.(sinceMs) ?? 0 }));
    let total = still.reduce((sum, { unread }) => sum + unread, 0);
    if (total <= limitBytes) return;
    const unreadBytes = total;
    if (maySay('unread'))
      log.warn({ unreadBytes, limitBytes }, 'Too much is sent that no server takes: who has most is refused');
    for (const { served, unread } of still.sort((one, other) => other.unread - one.unread)) {
      if (total <= limitBytes * shedTo) return;
      total -= unread;
      served.shed();
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
