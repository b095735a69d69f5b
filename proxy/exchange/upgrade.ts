import type { RequestHead } from '../message/head.ts';
import type { AnsweredFailure } from './failure.ts';

/** Whether HTTP/2 has a request for the same (RFC 8441): for one protocol, by its name, without a body. */
export function isTunnelable({ method, bodyLength, upgrade }: RequestHead): boolean {
  return method === 'GET' && bodyLength === 0 && !/[,/\s]/.test(upgrade);
}

/**
 * Whether an endpoint has taken a request for a tunnel of HTTP/2 for one like any other, and answers it well: to its client that
 * would say that the tunnel is there.
 */
export function isAnsweredUnswitched({ version }: RequestHead, status: number): boolean {
  return version === '2.0' && status < 300;
}

/** What its client is answered. */
export function unswitched(status: number): AnsweredFailure {
  const reason = `the endpoint answered ${status} instead of switching protocols`;
  return { flag: 'UPE', status: 502, reason, reached: 'Surely' };
}

/** Behind why an upgrade failed over HTTP/1.1 that an endpoint of HTTP/2 was asked for. */
export function explainNotOffered(reason: string): string {
  return `${reason}; over HTTP/2 the endpoint offers no upgrade`;
}

/** The reason in the line of a request whose upgrade was not passed on, behind why it failed, if it did. */
export function explainUpgrade(to: string, reason: string | undefined): string {
  const dropped = `the client asked to upgrade to ${to}, and was passed on without that`;
  return reason === undefined ? dropped : `${reason}; ${dropped}`;
}
