import type { Logger } from './log.ts';

/** 128 + the signal's number, as a shell reports it. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export type Shutdown = {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Exceptions and rejections that nothing caught since the start. */
  readonly uncaught: number;
};

/**
 * The first SIGTERM or SIGINT calls `run` once and the process ends with 0 when it is done, or with 1 if it throws;
 * a second one ends the process at once with 130 (SIGINT) or 143 (SIGTERM). `run` bounds its own time.
 * An error that nothing caught is logged and counted, and the process goes on.
 */
export function onShutdown(log: Logger, run: () => Promise<void>): Shutdown {
  const controller = new AbortController();
  let uncaught = 0;

  function onSignal(name: keyof typeof exitCodes): void {
    if (controller.signal.aborted) process.exit(exitCodes[name]);
    log.info({ signal: name }, 'Shutting down; a second signal ends at once');
    controller.abort();
    run().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, 'Shutting down failed');
        process.exit(1);
      },
    );
  }

  function onUncaught(error: unknown, origin: string): void {
    uncaught++;
    log.error({ error, origin }, 'An error that nothing caught: please report it');
  }

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', (reason) => onUncaught(reason, 'unhandledRejection'));
  return {
    signal: controller.signal,
    get uncaught() {
      return uncaught;
    },
  };
}
