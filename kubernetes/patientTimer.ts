/** Stops a timer that has not fired; harmless afterwards. */
export type Stop = () => void;

/**
 * Calls `late` after `ms`, but never before what had come by then was read: a process that stood still (a busy machine, a
 * paused one) finds its timers due first and the answers, which came in time, after them.
 */
export function patientTimer(ms: number, late: () => void): Stop {
  let isStopped = false;
  const run = (): void => {
    if (!isStopped) late();
  };
  // A turn of the event loop reads sockets between timers and immediates; what TLS and undici put off takes another one.
  const timer = setTimeout(() => setImmediate(() => setImmediate(run)), ms);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
