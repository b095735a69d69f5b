// Of one core: a sidecar that is asked a few times a second takes less.
const restPart = 0.02;
// What compiles and warms up nothing is not worth a look.
const leastWorkMs = 100;

/** Tells when a process rests after it has worked: then it has in memory what only that work needed. */
export class RestAfterWork {
  private workedMs = 0;

  /** `usedMs`: its CPU time in the last `passedMs`. True once in each rest. */
  begins(usedMs: number, passedMs: number): boolean {
    if (usedMs > passedMs * restPart) {
      this.workedMs += usedMs;
      return false;
    }
    if (this.workedMs < leastWorkMs) return false;
    this.workedMs = 0;
    return true;
  }
}

/** Calls back at each such time, from now on. Returns how to stop. */
export function onRestAfterWork(then: () => void, lookEveryMs = 2000): () => void {
  const rest = new RestAfterWork();
  let before = { cpuMs: cpuMs(), atMs: performance.now() };
  const timer = setInterval(() => {
    const now = { cpuMs: cpuMs(), atMs: performance.now() };
    const begins = rest.begins(now.cpuMs - before.cpuMs, now.atMs - before.atMs);
    before = now;
    if (begins) then();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
