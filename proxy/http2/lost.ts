import type { Failure, Reached, UpstreamFailure } from '../message/interfaces.ts';
import type { GRPCStatus } from '../observe/grpcStatus.ts';
import { type ErrorName, errorName } from './protocol.ts';

/** How a stream was lost, for its exchange. */
export type Lost = {
  readonly type:
    /** Its connection was closed, or broke. */
    | 'Closed'
    /** The peer does not keep to the protocol. */
    | 'Violated'
    /** The peer has declared that it does not look at it. */
    | 'Unprocessed'
    /** The peer has not offered what it asks for. */
    | 'NotOffered'
    /** The peer has ended this stream alone. */
    | 'Reset'
    /** The peer takes or gives nothing any more, not even the answer to a PING. */
    | 'Silent'
    /** Its connection was never established. */
    | 'Unreached';
  readonly reason: string;
  /** The code of the RST_STREAM that said so. */
  readonly code?: number;
};

/** What the exchange is told whose client has brought this about. */
export function clientFailure({ type, reason, code }: Lost): Failure {
  return type === 'Violated' ? { flag: 'DPE', status: 400, reason } : { flag: 'DC', status: 499, reason, code };
}

const upstream = {
  Closed: { flag: 'UC', status: 503 },
  Violated: { flag: 'UPE', status: 502 },
  Unprocessed: { flag: 'UC', status: 503 },
  NotOffered: { flag: 'UPE', status: 501 },
  Reset: { flag: 'UC', status: 503 },
  Silent: { flag: 'UT', status: 504 },
  Unreached: { flag: 'UF', status: 503 },
} as const satisfies Record<Lost['type'], Pick<Failure, 'flag' | 'status'>>;

/** What an RPC ends with whose stream is reset: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors */
const rpcStatuses: Partial<Record<string, GRPCStatus>> = {
  NO_ERROR: 'INTERNAL',
  PROTOCOL_ERROR: 'INTERNAL',
  INTERNAL_ERROR: 'INTERNAL',
  FLOW_CONTROL_ERROR: 'INTERNAL',
  SETTINGS_TIMEOUT: 'INTERNAL',
  FRAME_SIZE_ERROR: 'INTERNAL',
  COMPRESSION_ERROR: 'INTERNAL',
  CANCEL: 'CANCELLED',
  ENHANCE_YOUR_CALM: 'RESOURCE_EXHAUSTED',
  REFUSED_STREAM: 'UNAVAILABLE',
} satisfies Partial<Record<ErrorName, GRPCStatus>>;

/** The same of an endpoint. `begun`: something of a response had come; `hasServed`: others were answered before. */
export function endpointFailure(
  { type, reason, code }: Lost,
  { begun, hasServed }: { readonly begun: boolean; readonly hasServed: boolean },
): UpstreamFailure {
  // That it was sent on this connection is all that was wrong with what is unprocessed; nobody answers what is unseen.
  const notOffered = type === 'NotOffered';
  const aged = notOffered || (!begun && (type === 'Unprocessed' || (type === 'Closed' && hasServed)));
  const why = type === 'Violated' ? `the endpoint sent what is not valid HTTP: ${reason}` : reason;
  const rpcStatus = code === undefined ? undefined : rpcStatuses[errorName(code)];
  return { ...upstream[type], reason: why, rpcStatus, code, reached: reachedOf(type, begun), aged, notOffered };
}

function reachedOf(type: Lost['type'], begun: boolean): Reached {
  if (begun || type === 'Violated') return 'Surely';
  return type === 'Unreached' || type === 'Unprocessed' || type === 'NotOffered' ? 'Never' : 'Perhaps';
}

/** A connection that its endpoint has closed, or that never came to be. */
export function closedBy(error: Error | undefined, state: 'dialled' | 'connected' | 'settled'): Lost {
  const why = error === undefined ? 'end of stream' : ((error as NodeJS.ErrnoException).code ?? error.message);
  return { type: state === 'settled' ? 'Closed' : 'Unreached', reason: `${closings[state]}: ${why}` };
}

const closings = {
  dialled: 'connecting to the endpoint failed',
  connected: 'the endpoint closed the connection before it spoke HTTP/2',
  settled: 'the endpoint closed the connection',
} as const;

/** For requests that were never sent, since the connection was lost before the endpoint was known to speak HTTP/2. */
export function neverSpoken({ type, reason }: Lost): Lost {
  return { type: 'Unreached', reason: type === 'Violated' ? `the endpoint does not speak HTTP/2: ${reason}` : reason };
}
