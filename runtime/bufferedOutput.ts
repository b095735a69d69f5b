import { write, writeSync } from 'node:fs';

/**
 * How much text may wait for a slow reader before lines are dropped, and how large one write is: each costs two changes of
 * thread.
 */
const limits = { chunkBytes: 262_144, waitingBytes: 1_048_576, retryMs: 20 };

/** Why lines found no room: nobody read what was written before, or more of them came at once than may wait. */
export type DropReason = 'slowReader' | 'burst';

/** A writer of whole lines; `dropped` counts those that found no room. */
export type BufferedOutput = {
  write(line: string): void;
  /** `write` for a line that is known to be all ASCII: cheaper. */
  writeAscii(line: string): void;
  flushSync(): void;
  readonly dropped: number;
};

/**
 * Collects lines and writes them to `fd` in order, in one write per 256 KiB or `flushMs`. It never blocks and never holds
 * more than 1 MiB: a reader that stalls costs lines, which are counted and reported by `droppedLine`, for each reason one line, not memory.
 */
export function bufferedOutput(
  fd: number,
  options: { readonly flushMs: number; droppedLine(count: number, reason: DropReason): string },
): BufferedOutput {
  let filling = Buffer.allocUnsafeSlow(limits.chunkBytes);
  let used = 0;
  let spare: Buffer<ArrayBuffer> | undefined;
  const waiting: Buffer<ArrayBuffer>[] = [];
  let waitingBytes = 0;
  let writing: Buffer<ArrayBuffer> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let dropped = 0;
  const unreported: Record<DropReason, number> = { slowReader: 0, burst: 0 };
  // The present write was told to wait, or was still under way when it was time for the next: not for our own standstill.
  let stalled = false;

  function add(line: string): void {
    // A UTF-16 unit takes three bytes at most.
    if (!hasRoom(line.length * 3)) return;
    used += filling.write(line, used, 'utf8');
  }

  function addAscii(line: string): void {
    if (!hasRoom(line.length)) return;
    used += filling.write(line, used, 'latin1');
  }

  function hasRoom(most: number): boolean {
    timer ??= flushSoon();
    if (most <= filling.length - used || makeRoom(most)) return true;
    dropped++;
    unreported[stalled ? 'slowReader' : 'burst']++;
    return false;
  }

  function makeRoom(bytes: number): boolean {
    if (waitingBytes + used + bytes > limits.waitingBytes) return false;
    rotate();
    if (filling.length < bytes) filling = Buffer.allocUnsafeSlow(bytes);
    if (writing === undefined) writeNext();
    return true;
  }

  function rotate(): void {
    if (used === 0) return;
    waiting.push(filling.subarray(0, used));
    waitingBytes += used;
    filling = spare ?? Buffer.allocUnsafeSlow(limits.chunkBytes);
    spare = undefined;
    used = 0;
  }

  /** Lines that wait keep no process alive: its exit writes them. */
  function flushSoon(): NodeJS.Timeout {
    return setTimeout(onTimer, options.flushMs).unref();
  }

  function onTimer(): void {
    timer = undefined;
    if (writing === undefined) {
      rotate();
      writeNext();
    } else {
      stalled = true;
      timer = flushSoon();
    }
  }

  function writeNext(): void {
    writing = waiting.shift();
    stalled = false;
    if (writing !== undefined) write(fd, writing, onWritten);
  }

  function onWritten(error: NodeJS.ErrnoException | null, count: number): void {
    if (writing === undefined) return;
    stalled = error?.code === 'EAGAIN';
    if (stalled) {
      setTimeout(() => writing !== undefined && write(fd, writing, onWritten), limits.retryMs);
      return;
    }
    // Output that fails for good (a closed pipe) is dropped: there is nobody left to tell.
    const done = error === null ? count : writing.length;
    waitingBytes -= done;
    if (done < writing.length) {
      writing = writing.subarray(done);
      write(fd, writing, onWritten);
      return;
    }
    if (writing.buffer.byteLength === limits.chunkBytes) spare = Buffer.from(writing.buffer);
    if (waiting.length === 0) report();
    writeNext();
  }

  function report(): void {
    for (const reason of ['slowReader', 'burst'] as const) {
      const count = unreported[reason];
      unreported[reason] = 0;
      if (count > 0) add(options.droppedLine(count, reason));
    }
  }

  /** For the end of the process: what is being written by the thread pool stays with it. */
  function flushSync(): void {
    rotate();
    const chunks = waiting.splice(0);
    waitingBytes = writing?.length ?? 0;
    writeAllSync(fd, Buffer.concat(chunks));
  }

  process.once('exit', flushSync);
  return {
    write: add,
    writeAscii: addAscii,
    flushSync,
    get dropped() {
      return dropped;
    },
  };
}

function writeAllSync(fd: number, chunk: Buffer): void {
  let done = 0;
  // A pipe whose reader stalls is given up after a second.
  for (let attempts = 0; done < chunk.length && attempts < 50;) {
    try {
      done += writeSync(fd, chunk, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      attempts++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, limits.retryMs);
    }
  }
}
