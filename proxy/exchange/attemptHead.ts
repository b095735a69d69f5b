import { rewritePath } from '../../routing/filters/rewrite.ts';
import type { PathModifier } from '../../routing/model.ts';
import type { RequestHead } from '../message/head.ts';
import { applyHeaderChanges } from '../route/headerModifier.ts';
import type { Forward } from '../route/decision.ts';
import type { ExchangeContext } from './context.ts';

type AttemptContext = Pick<ExchangeContext, 'destinationName' | 'via'>;

/**
 * The head that an attempt sends: the request's own where the decision changes nothing, else a copy with its filters
 * applied, so that the next attempt begins from what the client sent.
 */
export function attemptHead(decision: Forward, request: RequestHead, context: AttemptContext): RequestHead {
  const { destinationName, via = '' } = context;
  const { requestHeaders, hostname, path, matchedPrefix } = decision;
  const changed = requestHeaders.length > 0 || hostname !== undefined || path !== undefined || via !== '';
  if (!changed && request.authority !== '') return request;
  const head = request.copy();
  applyHeaderChanges(requestHeaders, head.headers);
  if (hostname !== undefined) head.authority = hostname;
  else if (head.authority === '') head.authority = destinationName;
  if (path !== undefined) head.path = rewrite(path, head.path, matchedPrefix);
  if (head.target !== '' && (hostname !== undefined || path !== undefined)) head.target = absoluteTarget(head);
  if (via !== '') head.headers.append('Via', `${request.version} ${via}`);
  return head;
}

function absoluteTarget({ scheme, authority, path, hasQuery, query }: RequestHead): string {
  return `${scheme}://${authority}${path}${hasQuery ? `?${query}` : ''}`;
}

function rewrite(path: PathModifier, from: string, matchedPrefix: string | undefined): string {
  // `*` (OPTIONS) has no path to rewrite.
  return from.startsWith('/') ? rewritePath(path, from, matchedPrefix) : from;
}
