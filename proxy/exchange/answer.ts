import { redirectLocation } from '../../routing/filters/redirect.ts';
import { httpDate } from '../message/date.ts';
import { type RequestHead, ResponseHead } from '../message/head.ts';
import { reasonPhrase } from '../message/reasonPhrases.ts';
import type { Answer, Forward } from '../route/decision.ts';
import type { ExchangeContext } from './context.ts';

export type Redirected = {
  readonly decision: Answer;
  readonly head: RequestHead;
  readonly context: Pick<ExchangeContext, 'port' | 'destinationName'>;
};

/** A response of our own, and what the line says of the filters that made it. */
export type OwnAnswer = {
  readonly head: ResponseHead;
  readonly body: Buffer;
  readonly filtered?: string | undefined;
};

/** A response of our own: a plain sentence for whoever debugs, or a redirect. */
export function composeAnswer(status: number, reason: string | undefined, from?: Redirected): OwnAnswer {
  const head = new ResponseHead();
  head.status = status;
  head.reason = reasonPhrase(status);
  head.headers.append('Date', httpDate());
  const location = from === undefined ? undefined : locationOf(from);
  if (location !== undefined) head.headers.append('Location', location);
  const text = location === undefined ? `heddle: ${status} ${reason ?? head.reason}\n` : '';
  const body = Buffer.from(text);
  if (text !== '') head.headers.append('Content-Type', 'text/plain; charset=utf-8');
  head.bodyLength = body.length;
  return { head, body };
}

function locationOf({ decision, head, context }: Redirected): string | undefined {
  if (decision.redirect === undefined) return undefined;
  const { scheme, path } = head;
  const authority = head.authority === '' ? context.destinationName : head.authority;
  const query = head.hasQuery ? head.query : undefined;
  return redirectLocation(
    decision.redirect,
    // No connection that comes here was TLS.
    { scheme, authority, path, query, listenerPort: context.port, listenerScheme: 'http' },
    decision.matchedPrefix,
  );
}

/** Why a backend has no endpoint to choose from. */
export function noEndpoint({ group }: Forward): string {
  if (!group.known) return `the endpoints of ${group.name} have not arrived from the agent yet: try again`;
  if (group.whyNone !== undefined) return group.whyNone;
  const count = group.members.length;
  return count === 0
    ? `${group.name} has no endpoints: is its selector right, and does a pod run?`
    : `none of the ${count} endpoints of ${group.name} is ready: look at the readiness of its pods`;
}
