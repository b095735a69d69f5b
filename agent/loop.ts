import { skipsDebounce } from './skipsDebounce.ts';
import type { SourceEvent } from './source.ts';
import { type ChangedNames, type Objects, Store } from './store.ts';

export type LoopOptions = {
  /** Every source must have listed once before anything is handed on. */
  readonly sources: readonly AsyncIterable<SourceEvent>[];
  /** A change is handed on when it has been quiet for so long; 0 where all that belongs together comes in one turn, */
  readonly debounceMs?: number;
  /** or after so long at most. */
  readonly maximumDebounceMs?: number;
  readonly onObjects: (objects: Objects, changes: Changes) => void;
};

/** What happened since the last time. */
export type Changes = {
  readonly names: ChangedNames;
  readonly events: number;
  /** A few of the changed objects, for people. */
  readonly objects: readonly string[];
  /** Whether every source has all its objects; an absent object may only be unreadable where it has not. */
  readonly complete: boolean;
  /** Since the first of the events. */
  readonly heldMs: number;
};

const describedObjects = 5;

/** After each time it rests so many times as long as that took: work on changes takes a fifth of a core at most. */
const restFactor = 4;

/**
 * Collects events and hands on the objects and which of them changed, coalesced; ends when every source has ended.
 *
 * A route that was changed after a quiet time is what people wait for: it goes out at the end of the turn of the event
 * loop in which it came. Everything else waits until it has been quiet for `debounceMs`, so that what belongs together
 * but comes by several watches is seen together (`skipsDebounce`), and so does all that comes within that time of the
 * last handing on, so that a burst is not translated once per event.
 */
export async function runLoop(options: LoopOptions): Promise<void> {
  const { sources, debounceMs = 8, maximumDebounceMs = 25, onObjects } = options;
  const store = new Store();
  let waitingFor = sources.length;
  const incomplete = new Set<AsyncIterable<SourceEvent>>();
  let isNews = true;
  let events = 0;
  let described = new Set<string>();
  let cancel: (() => void) | undefined;
  let firstAt = 0;
  let isUrgent = true;
  let restUntil = 0;

  const handOn = (): void => {
    cancel = undefined;
    isNews = false;
    const startedAt = performance.now();
    const changes = {
      names: store.takeChanged(),
      events,
      objects: [...described],
      complete: incomplete.size === 0,
      heldMs: startedAt - firstAt,
    };
    events = 0;
    described = new Set();
    onObjects(store.objects, changes);
    const endedAt = performance.now();
    restUntil = endedAt + Math.max(debounceMs, restFactor * (endedAt - startedAt));
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
      if (described.size < describedObjects) described.add(describe(event));
    } else return;
    if (waitingFor > 0 || !isNews) return;
    const now = performance.now();
    if (cancel === undefined) {
      firstAt = now;
      isUrgent = true;
    }
    isUrgent &&= skipsDebounce(event, store);
    const due = isUrgent ? now : Math.min(now + debounceMs, firstAt + maximumDebounceMs);
    cancel?.();
    cancel = schedule(handOn, Math.max(due, restUntil) - now);
  };

  await Promise.all(
    sources.map(async (source) => {
      for await (const event of source) take(source, event);
    }),
  );
  cancel?.();
}

/** Calls it after so long, at the end of this turn if that is now; the function returned prevents that. */
function schedule(call: () => void, ms: number): () => void {
  if (ms <= 0) {
    const immediate = setImmediate(call);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

function describe(event: Extract<SourceEvent, { type: 'applied' | 'deleted' }>): string {
  const { kind, meta } = event.object;
  return `${kind} ${meta.namespace}/${meta.name}${event.type === 'deleted' ? ' (removed)' : ''}`;
}
