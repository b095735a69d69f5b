import { grpcStatusFor } from '../message/grpcAnswer.ts';
import { readGRPCTimeout } from '../message/grpc.ts';
import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import type { UpstreamFailure } from '../message/interfaces.ts';
import { clock } from '../socket/clock.ts';
import { type GRPCStatus, httpStatusOf, readGRPCStatus } from '../observe/grpcStatus.ts';
import type { Timeouts } from '../../routing/model.ts';

/** What a timer of Node can wait. */
const longestMs = 2 ** 31 - 1;

/** A caller's time began before we heard of it. */
const graceMs = 10;

/** What an exchange knows of the RPC that its request is. */
export class RPC {
  /** How it has ended for its caller, as far as is known. */
  status: GRPCStatus = 'UNKNOWN';
  /** How long its caller waits, where that is less than its rule allows. */
  deadlineMs: number | undefined;
  private readonly startMs = clock.ms;

  /** The timeouts of a rule, within what the caller says: a field grpc-timeout, which is forwarded as it is. */
  within(timeouts: Timeouts | undefined, { headers }: RequestHead): Timeouts | undefined {
    const field = headers.get('grpc-timeout');
    const ms = field === undefined ? undefined : readGRPCTimeout(field);
    if (ms === undefined || ms >= (timeouts?.requestMs ?? longestMs)) return timeouts;
    this.deadlineMs = Math.max(ms, 1);
    return { ...timeouts, requestMs: this.deadlineMs };
  }

  /**
   * Whether its endpoint has cancelled it because its caller's time is over: servers of gRPC do, and may do so before our own
   * timer has come.
   */
  isOutOfTime({ rpcStatus }: UpstreamFailure): boolean {
    return rpcStatus === 'CANCELLED' && this.isLate;
  }

  private get isLate(): boolean {
    const { deadlineMs = Infinity } = this;
    return clock.ms - this.startMs >= deadlineMs - Math.max(graceMs, deadlineMs / 100);
  }

  /** Its caller has gone: most callers do so themselves when their time is over. */
  onGone(): void {
    this.status = this.isLate ? 'DEADLINE_EXCEEDED' : 'CANCELLED';
  }

  /** The head of a response has come, which may say all. */
  onHead(head: ResponseHead): void {
    const field = head.headers.get('grpc-status');
    if (field !== undefined) this.status = readGRPCStatus(field);
    // What an earlier try was answered counts no more.
    else this.status = head.status === 200 ? 'UNKNOWN' : grpcStatusFor(head.status, undefined);
  }

  /** It is complete. */
  onEnd(trailers: Fields | undefined): void {
    const field = trailers?.get('grpc-status');
    if (field !== undefined) this.status = readGRPCStatus(field);
  }
}

/** The status of HTTP that the head of a response to an RPC stands for; undefined: its trailers are to tell. */
export function standsFor(head: ResponseHead): number | undefined {
  if (head.status !== 200) return head.status;
  const field = head.headers.get('grpc-status');
  return field === undefined ? undefined : httpStatusOf(readGRPCStatus(field));
}

/** The same for the trailers; a status that is missing is one of a server that failed. */
export function trailersStandFor(trailers: Fields | undefined): number {
  return httpStatusOf(readGRPCStatus(trailers?.get('grpc-status')));
}

/** Whether a status of HTTP says that its server has failed: not where it keeps the time that its caller has set. */
export function isFailure(status: number, request: RequestHead): boolean {
  return status >= 500 && !(status === 504 && hasOwnTime(request));
}

/** Whether its caller says how long it waits. */
export function hasOwnTime({ isRPC, headers }: RequestHead): boolean {
  return isRPC && headers.get('grpc-timeout') !== undefined;
}
