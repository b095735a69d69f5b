import type { SourceEvent } from './source.ts';
import { type Objects, Store } from './store.ts';

export type LoopOptions = {
  /** Every source must have listed once before anything is handed on. */
  readonly sources: readonly AsyncIterable<SourceEvent>[];
  /** A change is handed on when it has been quiet for so long, */
  readonly holdOffMs?: number;
  /** or after so long at most. */
  readonly maximumHoldMs?: number;
  readonly onObjects: (objects: Objects, changes: Changes) => void;
};

/** What happened since the last time, in words: how many events of which kind of object, and a few of their names. */
export type Changes = {
  readonly events: number;
  readonly objects: readonly string[];
  /** Whether every source has all its objects; an absent object may only be unreadable where it has not. */
  readonly complete: boolean;
  /** Since the first of the events. */
  readonly heldMs: number;
};

const namedObjects = 5;

/** Collects events and hands on all objects, coalesced; ends when every source has ended. */
export async function runLoop(options: LoopOptions): Promise<void> {
  const { sources, holdOffMs = 8, maximumHoldMs = 100, onObjects } = options;
  const store = new Store();
  let waitingFor = sources.length;
  const incomplete = new Set<AsyncIterable<SourceEvent>>();
  let isNews = true;
  let events = 0;
  let names = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let firstAt = 0;

  const handOn = (): void => {
    timer = undefined;
    isNews = false;
    const heldMs = performance.now() - firstAt;
    const changes = { events, objects: [...names], complete: incomplete.size === 0, heldMs };
    events = 0;
    names = new Set();
    onObjects(store.snapshot(), changes);
  };

  const take = (source: AsyncIterable<SourceEvent>, event: SourceEvent): void => {
    if (event.type === 'listed') waitingFor -= 1;
    else if (event.type === 'completeness') {
      isNews = true;
      if (event.complete) incomplete.delete(source);
      else incomplete.add(source);
    } else if (store.apply(event)) {
      isNews = true;
      events += 1;
      if (names.size < namedObjects) names.add(describe(event));
    }
    if (waitingFor > 0 || !isNews) return;
    const now = performance.now();
    if (timer === undefined) firstAt = now;
    clearTimeout(timer);
    timer = setTimeout(handOn, Math.max(0, Math.min(holdOffMs, firstAt + maximumHoldMs - now)));
  };

  await Promise.all(
    sources.map(async (source) => {
      for await (const event of source) take(source, event);
    }),
  );
  clearTimeout(timer);
}

function describe(event: Extract<SourceEvent, { type: 'applied' | 'deleted' }>): string {
  const { kind, meta } = event.object;
  return `${kind} ${meta.namespace}/${meta.name}${event.type === 'deleted' ? ' (removed)' : ''}`;
}
