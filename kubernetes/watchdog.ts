import { patientTimer, type Stop } from './patientTimer.ts';

export type Watchdog = {
  /** Aborts with the signal it was made from, and when nothing came for too long. */
  readonly signal: AbortSignal;
  /** What it bit for. */
  readonly failure: SilenceError | undefined;
  /** Passes a body on and takes each chunk as a sign of life. */
  guard(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void>;
  stop(): void;
};

/** Nothing came for so long that the other side may be gone. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';
}

/** Aborts what takes its signal when no chunk comes for `stallMs`, counted from now; a reader that is slow is no stall. */
export function watchdog(parent: AbortSignal, stallMs: () => number): Watchdog {
  const controller = new AbortController();
  let failure: SilenceError | undefined;
  let stopTimer: Stop | undefined;
  const wait = (): void => {
    stopTimer?.();
    const ms = stallMs();
    stopTimer = patientTimer(ms, () => {
      failure = new SilenceError(`nothing came from the API server for ${ms} ms`);
      controller.abort(failure);
    });
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
        stopTimer?.();
        yield chunk;
        wait();
      }
    },
    stop() {
      stopTimer?.();
      parent.removeEventListener('abort', onParent);
    },
  };
}
