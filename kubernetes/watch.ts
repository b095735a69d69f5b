import { errorOf } from '../runtime/reason.ts';
import { type Api, ApiError, isApiStatus } from './api.ts';
import { KnownObjects, type ObjectEvent } from './known.ts';
import { listObjects } from './listObjects.ts';
import { sleep } from './sleep.ts';
import { SilenceError } from './watchdog.ts';
import { requestWatch, type WatchMessage } from './watchRequest.ts';
import { backOff, type WatchTiming, watchTiming } from './watchTiming.ts';

/**
 * What happens to one resource. `listed` comes after each list, when all that was there has been applied; `missing` once
 * when the API server does not serve the resource; `failed` when the watch must be made anew, with the wait before that.
 */
export type WatchEvent =
  | ObjectEvent
  | { readonly type: 'listed'; readonly objects: number }
  | { readonly type: 'missing' }
  | { readonly type: 'failed'; readonly error: Error; readonly failures: number; readonly waitMs: number };

export type WatchOptions = {
  /** Where the resource may be served, the best version first. */
  readonly paths: readonly string[];
  readonly signal: AbortSignal;
  readonly timing?: Partial<WatchTiming>;
};

/**
 * The objects of one resource in the whole cluster, as they change, for ever: lists, watches, begins anew where that
 * fails. An object in a version that is known already is no event; one that vanished while nobody looked is `deleted`.
 * Ends when the signal aborts; never throws.
 */
export async function* watchResource(api: Api, options: WatchOptions): AsyncGenerator<WatchEvent, void> {
  const watch = new ResourceWatch(api, options);
  const { signal } = options;
  while (!signal.aborted) {
    try {
      yield* watch.run();
    } catch (error) {
      if (signal.aborted) return;
      yield* watch.recover(errorOf(error));
    }
  }
}

/** A resource that was served and is not found has most likely a server that only just starts. */
const missingProofs = 3;

const failuresBeforeList = 5;

class ResourceWatch {
  readonly #api: Api;
  readonly #paths: readonly string[];
  readonly #signal: AbortSignal;
  readonly #timing: WatchTiming;
  readonly #known = new KnownObjects();
  #path = 0;
  #version: string | undefined;
  /** False once the server has refused to send its list as a watch. */
  #mayStream = true;
  #failures = 0;
  #notFound = 0;
  #isMissing = false;

  constructor(api: Api, { paths, signal, timing }: WatchOptions) {
    this.#api = api;
    this.#paths = paths;
    this.#signal = signal;
    this.#timing = { ...watchTiming, ...timing };
  }

  /** From where it stands until the server ends a watch. */
  async *run(): AsyncGenerator<WatchEvent, void> {
    const startedAt = performance.now();
    if (this.#version === undefined && this.#mayStream) yield* this.#watch('listing');
    else {
      if (this.#version === undefined) yield* this.#list();
      yield* this.#watch('following');
    }
    if (performance.now() - startedAt < this.#timing.shortMs) throw new Error('the watch ended as soon as it began');
    this.#failures = 0;
  }

  /** Decides from where to go on, and waits. */
  async *recover(error: Error): AsyncGenerator<WatchEvent, void> {
    if (isApiStatus(error, 404)) return yield* this.#recoverMissing();
    this.#failures += 1;
    if (isGone(error)) {
      this.#version = undefined;
      const waitMs = Math.random() * this.#timing.relistMs + this.#extraWait();
      yield { type: 'failed', error, failures: this.#failures, waitMs };
      return sleep(waitMs, this.#signal);
    }
    if (this.#version === undefined && this.#mayStream && isRefusal(error)) {
      this.#mayStream = false;
      return undefined;
    }
    const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
    // As after a restore of etcd: the server's versions are behind ours, and it waits for ours in vain.
    if (error instanceof ApiError && this.#failures >= failuresBeforeList) this.#version = undefined;
    const waitMs = backOff(this.#timing.backOffMs, this.#failures, retryAfterMs);
    yield { type: 'failed', error, failures: this.#failures, waitMs };
    return sleep(waitMs, this.#signal);
  }

  /** A server that calls every version too old is left in peace. */
  #extraWait(): number {
    return this.#failures > 1 ? backOff(this.#timing.backOffMs, this.#failures) : 0;
  }

  async *#recoverMissing(): AsyncGenerator<WatchEvent, void> {
    this.#version = undefined;
    this.#path += 1;
    if (this.#path < this.#paths.length) return undefined;
    this.#path = 0;
    this.#notFound += 1;
    const isProved = this.#known.size === 0 || this.#notFound >= missingProofs;
    if (isProved && !this.#isMissing) {
      this.#isMissing = true;
      yield* this.#known.clear();
      yield { type: 'missing' };
    }
    return sleep(this.#timing.missingMs * (0.5 + Math.random() / 2), this.#signal);
  }

  async *#list(): AsyncGenerator<WatchEvent, void> {
    this.#known.startList();
    let version: string | undefined;
    for await (const { objects, resourceVersion } of listObjects(this.#api, this.#currentPath(), this.#signal)) {
      version = resourceVersion;
      for (const object of objects) yield* this.#known.apply(object);
    }
    yield* this.#finishList(version);
  }

  async *#watch(phase: 'listing' | 'following'): AsyncGenerator<WatchEvent, void> {
    let isListing = phase === 'listing';
    if (isListing) this.#known.startList();
    const { stallMs, listStallMs, watchMs } = this.#timing;
    const messages = requestWatch(this.#api, {
      path: this.#currentPath(),
      query: {
        timeoutSeconds: Math.ceil((watchMs * (1 + Math.random())) / 1000),
        ...(isListing
          ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
          : { resourceVersion: this.#version }),
      },
      signal: this.#signal,
      stallMs: () => (isListing ? listStallMs : stallMs),
    });
    try {
      for await (const message of messages) {
        yield* this.#take(message);
        if (!isListing) {
          this.#version = message.object.metadata.resourceVersion;
          this.#failures = 0;
        } else if (endsList(message)) {
          isListing = false;
          yield* this.#finishList(message.object.metadata.resourceVersion);
        }
      }
    } catch (error) {
      // No server promises bookmarks: after the end of a list, Kubernetes 1.36 was seen to skip one and send the next after
      // two minutes. Silence is no failure, but a reason to ask anew from the same version; whether the server is well
      // shows in its answer to that.
      if (isListing || !(error instanceof SilenceError)) throw error;
    }
    if (isListing) throw new Error('the server ended the watch before its list was complete');
  }

  #take({ type, object }: WatchMessage): readonly ObjectEvent[] {
    if (type === 'BOOKMARK') return [];
    return type === 'DELETED' ? this.#known.delete(object) : this.#known.apply(object);
  }

  *#finishList(version: string | undefined): Generator<WatchEvent, void> {
    yield* this.#known.finishList();
    this.#version = version;
    this.#notFound = 0;
    this.#isMissing = false;
    yield { type: 'listed', objects: this.#known.size };
  }

  #currentPath(): string {
    return this.#paths[this.#path] ?? '';
  }
}

function endsList({ type, object }: WatchMessage): boolean {
  return type === 'BOOKMARK' && object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true';
}

/** The version to go on from, or the token of the next page, is older than what the server has kept. */
function isGone(error: Error): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}

/** What servers before Kubernetes 1.34, and those without the feature WatchList, answer to sendInitialEvents. */
function isRefusal(error: Error): boolean {
  return isApiStatus(error, 422) || isApiStatus(error, 400);
}
