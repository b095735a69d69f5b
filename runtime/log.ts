import { type DestinationStream, type Level, type Logger, pino } from 'pino';
import { bufferedOutput, type DropReason } from './bufferedOutput.ts';

export type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly Level[];
export type LogLevel = (typeof logLevels)[number];

const dropReasons = {
  slowReader: 'standard output is read too slowly',
  burst: 'more came at once than may wait',
} as const satisfies Record<DropReason, string>;

/** Where log lines go; `write` takes a whole line with its newline, `writeAscii` one that is known to be all ASCII. */
export type LogDestination = DestinationStream & { writeAscii(line: string): void; flushSync(): void };

/**
 * Standard output. Lines are collected for at most `flushMs` milliseconds, or 256 KiB, and leave in one write:
 * that keeps an access log off the data path. 0 writes each line at once.
 */
export function openLogDestination(flushMs: number): LogDestination {
  if (flushMs === 0) {
    const stdout = pino.destination({ fd: 1, sync: true });
    // A full disk or a closed pipe: there is nobody left to tell.
    stdout.on('error', () => undefined);
    const write = (line: string): void => void stdout.write(line);
    return { write, writeAscii: write, flushSync: () => stdout.flushSync() };
  }
  return bufferedOutput(1, {
    flushMs,
    droppedLine: (count, reason) =>
      `{"level":"warn","time":"${new Date().toISOString()}","message":"Log lines dropped: ${dropReasons[reason]}","count":${count}}\n`,
  });
}

/** A logger of one program; every line carries `program`. Times are ISO 8601, levels are words. */
export function createLog(program: string, level: LogLevel, destination: LogDestination): Logger {
  return pino(
    {
      level,
      base: { program },
      messageKey: 'message',
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}
