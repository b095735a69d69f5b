import { isPlainPath, quoted, quotedPath } from './escape.ts';
import { defaultReasons, type Flag } from './flags.ts';
import type { Explanation } from './fragment.ts';
import { Line } from './line.ts';

/** How a request or connection ended; what the access log and the metrics are both given. */
export type Outcome = {
  /** HTTP status sent downstream; 0 for a connection. */
  readonly status: number;
  readonly durationMs: number;
  /** From downstream, bodies only for a request. */
  readonly bytesIn: number;
  /** To downstream, bodies only for a request. */
  readonly bytesOut: number;
  readonly flag: Flag | undefined;
};

/** One request or connection. Give every field, with `undefined` for what is absent: one shape keeps the call fast. */
export type AccessEntry = Outcome & {
  readonly message: 'request' | 'connection';
  readonly direction: 'outbound' | 'inbound';
  readonly method: string | undefined;
  /** The request target; its query is cut off here. */
  readonly path: string | undefined;
  readonly explanation: Explanation | undefined;
  /** From `endpointFragment`. */
  readonly endpoint: Uint8Array | undefined;
  /** How many endpoints were tried; only the last one is named. Written from 2 on (Envoy's UPSTREAM_REQUEST_ATTEMPT_COUNT). */
  readonly attempts: number;
  /** More exact than the default reason of the flag. */
  readonly reason: string | undefined;
};

export const accessLogModes = ['all', 'errors', 'off'] as const;
/** `errors`: a status from 500 or any flag. */
export type AccessLogMode = (typeof accessLogModes)[number];

/** Which lines are written; may be changed while running. Errors are never sampled away. */
export type AccessLogLevel = { mode: AccessLogMode; sampleOneIn: number };

export type AccessLog = { readonly level: AccessLogLevel; write(entry: AccessEntry): void };

/**
 * Writes one JSON line per entry, fields in the order of a sentence. Lines go to the destination of the program's own log,
 * so that both are one stream. About 0.3 µs a line.
 */
export function createAccessLog(options: {
  readonly program: string;
  /** Takes the first `length` bytes, a whole line of ASCII, before it returns. */
  readonly destination: { writeBytes(line: Buffer, length: number): void };
  readonly level: AccessLogLevel;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}): AccessLog {
  const { destination, level, now = Date.now } = options;
  const program = `","program":${quoted(options.program)},"message":"`;
  // Under load, line after line of one millisecond begins alike.
  const last = {
    ms: -1,
    failed: false,
    message: '',
    direction: '',
    method: '' as string | undefined,
    start: bytes(''),
  };
  const line = new Line();
  let skipped = 0;

  function startOf({ message, direction, method }: AccessEntry, failed: boolean): Uint8Array {
    const ms = now();
    const alike = ms === last.ms && failed === last.failed && method === last.method;
    if (alike && direction === last.direction && message === last.message) return last.start;
    const time = `{"level":"${failed ? 'warn' : 'info'}","time":"${new Date(ms).toISOString()}`;
    const verb = method === undefined ? '' : `,"method":${quoted(method)}`;
    const start = bytes(`${time}${program}${message}","direction":"${direction}"${verb}`);
    Object.assign(last, { ms, failed, message, direction, method, start });
    return start;
  }

  function wanted(): boolean {
    if (level.mode !== 'all') return false;
    if (level.sampleOneIn <= 1) return true;
    skipped = (skipped + 1) % level.sampleOneIn;
    return skipped === 1 % level.sampleOneIn;
  }

  return {
    level,
    write(entry) {
      const failed = entry.status >= 500 || entry.flag !== undefined;
      if (failed ? level.mode === 'off' : !wanted()) return;
      line.length = 0;
      line.ready(startOf(entry, failed));
      putRest(line, entry);
      destination.writeBytes(line.bytes, line.length);
    },
  };
}

function bytes(ascii: string): Uint8Array {
  return Buffer.from(ascii, 'latin1');
}

const path = bytes(',"path":');
const quote = bytes('"');
const status = bytes(',"status":');
const duration = bytes(',"durationMs":');
const attempts = bytes(',"attempts":');
const bytesIn = bytes(',"bytesIn":');
const bytesOut = bytes(',"bytesOut":');
const end = bytes('}\n');

function putRest(line: Line, entry: AccessEntry): void {
  const { explanation } = entry;
  if (entry.path !== undefined) putPath(line, entry.path);
  if (entry.status !== 0) {
    line.ready(status);
    line.integer(entry.status);
  }
  line.ready(duration);
  line.milliseconds(entry.durationMs);
  if (explanation !== undefined) line.ready(explanation.fields);
  if (entry.endpoint !== undefined) line.ready(entry.endpoint);
  if (entry.attempts > 1) {
    line.ready(attempts);
    line.integer(entry.attempts);
  }
  line.ready(bytesIn);
  line.integer(entry.bytesIn);
  line.ready(bytesOut);
  line.integer(entry.bytesOut);
  if (entry.flag !== undefined) line.text(failure(entry.flag, entry.reason));
  else if (entry.reason !== undefined) line.text(`,"reason":${quoted(entry.reason)}`);
  if (explanation !== undefined) line.ready(explanation.revision);
  line.ready(end);
}

function putPath(line: Line, target: string): void {
  line.ready(path);
  if (!isPlainPath(target)) return line.text(quotedPath(target));
  line.ready(quote);
  line.text(target);
  line.ready(quote);
}

function failure(flag: Flag, reason: string | undefined): string {
  return `,"flags":"${flag}","reason":${quoted(reason ?? defaultReasons[flag])}`;
}
