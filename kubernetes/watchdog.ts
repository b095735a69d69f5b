export type Watchdog = {
  /** Aborts with the signal it was made from, and when nothing came for too long. */
  readonly signal: AbortSignal;
  /** What it bit for. */
  readonly failure: Error | undefined;
  /** Passes a body on and takes each chunk as a sign of life. */
  guard(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void>;
  stop(): void;
};

/** Aborts what takes its signal when no chunk comes for `stallMs`, counted from now; a reader that is slow is no stall. */
export function watchdog(parent: AbortSignal, stallMs: () => number): Watchdog {
  const controller = new AbortController();
  let failure: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    const ms = stallMs();
    timer = setTimeout(() => {
      failure = new Error(`nothing came from the API server for ${ms} ms`);
      controller.abort(failure);
    }, ms);
  };
  const onParent = (): void => controller.abort(parent.reason);
  if (parent.aborted) onParent();
  parent.addEventListener('abort', onParent);
  wait();
  return {
    signal: controller.signal,
    get failure() {
      return failure;
    },
    async *guard(body) {
      for await (const chunk of body) {
        clearTimeout(timer);
        yield chunk;
        wait();
      }
    },
    stop() {
      clearTimeout(timer);
      parent.removeEventListener('abort', onParent);
    },
  };
}
