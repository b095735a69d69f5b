import type { Flag } from '../observe/flags.ts';
import type { AccessEntry } from '../observe/accessLog.ts';
import type { RequestMetrics } from '../observe/httpMetrics.ts';
import type { RequestHead } from '../message/head.ts';
import type { Decision } from '../route/decision.ts';

/** Hears once how a request ended. Of many requests on one connection each may have another. */
export type Report = (entry: AccessEntry, metrics: RequestMetrics | undefined) => void;

/** What an exchange is told about its connection, and how to decide. */
export type ExchangeContext = {
  readonly direction: 'outbound' | 'inbound';
  /** Address family of the destination that the client spoke to. */
  readonly family: 4 | 6;
  /** Port that the client connected to. */
  readonly port: number;
  /** `address:port` that the client connected to; the Host of a request that brings none. */
  readonly destinationName: string;
  /** Its name in the Via of what it forwards (RFC 9110 section 7.6.3); without one it adds none. */
  readonly via?: string;
  /** Who called, as ready text for the log. */
  readonly peer: string | undefined;
  decide(head: RequestHead): Decision;
  /** The reason for the log, with what is known of it only here: it goes to no peer. */
  explain(flag: Flag, reason: string): string;
  /** How long an exchange may be without any progress. */
  readonly progressTimeoutMs: number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
};
