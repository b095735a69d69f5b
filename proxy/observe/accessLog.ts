import { inOnePiece, quoted, quotedMethod, quotedPath } from './escape.ts';
import { defaultReasons, type Flag } from './flags.ts';
import type { Explanation } from './fragment.ts';
import { httpStatusOf, methodOf, type RPCOutcome } from './grpcStatus.ts';

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
  /** Of a request of gRPC. */
  readonly rpc?: RPCOutcome | undefined;
};

/** One request or connection. Give every field, with `undefined` for what is absent: one shape keeps the call fast. */
export type AccessEntry = Outcome & {
  readonly message: 'request' | 'connection';
  readonly direction: 'outbound' | 'inbound';
  /** From `peerFragment`. */
  readonly peer: string | undefined;
  readonly method: string | undefined;
  /** The request target; its query is cut off here. */
  readonly path: string | undefined;
  readonly explanation: Explanation | undefined;
  /** From `endpointFragment`. */
  readonly endpoint: string | undefined;
  /** What filters of the rule did with it, as ready JSON text. */
  readonly filtered: string | undefined;
  /** How many attempts were made; only the last one's endpoint is named. Written from 2 on (Envoy's UPSTREAM_REQUEST_ATTEMPT_COUNT). */
  readonly attempts: number;
  /** Why the last of them was made: which endpoint failed before, and how. */
  readonly retriedAfter: string | undefined;
  /** Of the trace that it belongs to: 32 hexadecimal digits. */
  readonly traceId: string | undefined;
  /** More exact than the default reason of the flag. */
  readonly reason: string | undefined;
};

export const accessLogModes = ['all', 'errors', 'off'] as const;
/** `errors`: a status from 500, of gRPC too, or any flag. */
export type AccessLogMode = (typeof accessLogModes)[number];

/** Which lines are written; may be changed while running. Errors are never sampled away. */
export type AccessLogLevel = { mode: AccessLogMode; sampleOneIn: number };

export type AccessLog = {
  readonly level: AccessLogLevel;
  readonly write: (entry: AccessEntry) => void;
  /** Of what is asked again and again, such as a probe: news only when it fails (from 400 on); else a line at debug. */
  readonly writeIfNews: (entry: AccessEntry) => void;
};

/**
 * Writes one JSON line per entry, fields in the order of a sentence. Lines go to the destination of the program's own log,
 * so that both are one stream. About half a microsecond a line.
 */
export function createAccessLog(options: {
  readonly program: string;
  readonly destination: { writeAscii(line: string): void };
  readonly level: AccessLogLevel;
  /** Whether lines at debug are written. */
  readonly isDebug: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}): AccessLog {
  const { destination, level, isDebug, now = Date.now } = options;
  const program = `","program":${quoted(options.program)},"message":"`;
  // Under load, line after line of one millisecond begins alike.
  const last = {
    ms: -1,
    severity: 'info' as Severity,
    message: '',
    direction: '',
    method: '' as string | undefined,
    start: '',
  };
  let skipped = 0;

  function startOf({ message, direction, method }: AccessEntry, severity: Severity): string {
    const ms = now();
    const alike = ms === last.ms && severity === last.severity && method === last.method;
    if (alike && direction === last.direction && message === last.message) return last.start;
    const time = `{"level":"${severity}","time":"${new Date(ms).toISOString()}`;
    const verb = method === undefined ? '' : `,"method":${quotedMethod(method)}`;
    const start = inOnePiece(`${time}${program}${message}","direction":"${direction}"${verb}`);
    Object.assign(last, { ms, severity, message, direction, method, start });
    return start;
  }

  function wanted(): boolean {
    if (level.mode !== 'all') return false;
    if (level.sampleOneIn <= 1) return true;
    skipped = (skipped + 1) % level.sampleOneIn;
    return skipped === 1 % level.sampleOneIn;
  }

  function write(entry: AccessEntry): void {
    const { status, flag, rpc } = entry;
    const failed = status >= 500 || flag !== undefined || (rpc !== undefined && httpStatusOf(rpc.status) >= 500);
    if (failed ? level.mode === 'off' : !wanted()) return;
    destination.writeAscii(startOf(entry, failed ? 'warn' : 'info') + restOf(entry));
  }

  return {
    level,
    write,
    writeIfNews(entry) {
      if (entry.status >= 400 || entry.flag !== undefined) write(entry);
      else if (isDebug() && wanted()) destination.writeAscii(startOf(entry, 'debug') + restOf(entry));
    },
  };
}

type Severity = 'debug' | 'info' | 'warn';

function restOf(entry: AccessEntry): string {
  let line = '';
  if (entry.path !== undefined) line += `,"path":${quotedPath(entry.path)}`;
  if (entry.peer !== undefined) line += entry.peer;
  if (entry.status !== 0) line += `,"status":${entry.status}`;
  if (entry.rpc !== undefined) line += rpcFields(entry.rpc);
  line += `,"durationMs":${milliseconds(entry.durationMs)}`;
  if (entry.explanation !== undefined) line += entry.explanation.fields;
  if (entry.endpoint !== undefined) line += entry.endpoint;
  if (entry.filtered !== undefined) line += entry.filtered;
  if (entry.attempts > 1) line += attempts(entry);
  if (entry.traceId !== undefined) line += `,"traceId":"${entry.traceId}"`;
  line += `,"bytesIn":${entry.bytesIn},"bytesOut":${entry.bytesOut}`;
  if (entry.flag !== undefined) line += failure(entry.flag, entry.reason);
  else if (entry.reason !== undefined) line += `,"reason":${quoted(entry.reason)}`;
  return entry.explanation === undefined ? `${line}}\n` : `${line}${entry.explanation.revision}}\n`;
}

function rpcFields({ path, status }: RPCOutcome): string {
  const { service, method } = methodOf(path);
  const names = method === '' ? '' : `,"grpcService":${quotedPath(service)},"grpcMethod":${quotedPath(method)}`;
  return `${names},"grpcStatus":"${status}"`;
}

function attempts({ attempts: count, retriedAfter }: AccessEntry): string {
  return `,"attempts":${count}${retriedAfter === undefined ? '' : `,"retriedAfter":${quoted(retriedAfter)}`}`;
}

function failure(flag: Flag, reason: string | undefined): string {
  return `,"flags":"${flag}","reason":${quoted(reason ?? defaultReasons[flag])}`;
}

/** With up to three decimals, without the cost of formatting a double. */
function milliseconds(duration: number): string {
  const micros = duration > 0 ? Math.round(duration * 1000) : 0;
  const whole = Math.floor(micros / 1000);
  const rest = micros - whole * 1000;
  return rest === 0 ? `${whole}` : `${whole}.${threeDigits(rest)}`;
}

function threeDigits(value: number): string {
  if (value < 10) return `00${value}`;
  return value < 100 ? `0${value}` : `${value}`;
}
