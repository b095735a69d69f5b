import { encodeGRPCMessage, isGRPC } from './grpc.ts';
import { Fields } from './fields.ts';
import type { RequestHead, ResponseHead } from './head.ts';
import type { Flag } from '../observe/flags.ts';
import { type GRPCStatus, grpcCode } from '../observe/grpcStatus.ts';

/**
 * What a status of HTTP is to a caller of gRPC (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md),
 * and more exactly where it is our own: a timeout, or a message that is too large.
 */
const statuses: ReadonlyMap<number, GRPCStatus> = new Map([
  [400, 'INTERNAL'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'UNIMPLEMENTED'],
  [413, 'RESOURCE_EXHAUSTED'],
  [429, 'UNAVAILABLE'],
  [431, 'RESOURCE_EXHAUSTED'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

/** The status of gRPC for an error of ours; an invalid backend's is UNAVAILABLE, as GRPCRoute wants it. */
export function grpcStatusFor(status: number, flag: Flag | undefined): GRPCStatus {
  return flag === 'NC' ? 'UNAVAILABLE' : (statuses.get(status) ?? 'UNKNOWN');
}

/** Why an RPC is answered here. */
export type GRPCError = { readonly status: GRPCStatus; readonly reason: string };

/**
 * Makes an error of HTTP the answer that a caller of gRPC expects: its head says all, with a status of 200
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses, Trailers-Only).
 */
export function becomeTrailersOnly(answer: ResponseHead, request: RequestHead, error: GRPCError): void {
  const { headers } = answer;
  answer.status = 200;
  answer.reason = 'OK';
  answer.bodyLength = 0;
  headers.remove('content-type');
  headers.append('Content-Type', request.headers.get('content-type') ?? 'application/grpc');
  appendStatus(headers, error);
}

/** The trailers that end an RPC of which some of the response has left. */
export function trailersOf(error: GRPCError): Fields {
  const trailers = new Fields();
  appendStatus(trailers, error);
  return trailers;
}

function appendStatus(fields: Fields, { status, reason }: GRPCError): void {
  fields.append('Grpc-Status', grpcCode(status), 'grpc-status');
  fields.append('Grpc-Message', encodeGRPCMessage(`heddle: ${reason}`), 'grpc-message');
}

/** Whether who sent this request expects answers of gRPC, by whatever protocol it came. */
export function expectsGRPC({ headers }: RequestHead): boolean {
  return isGRPC(headers.get('content-type'));
}
