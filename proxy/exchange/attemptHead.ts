import { rewritePath } from '../../routing/filters/rewrite.ts';
import type { PathModifier } from '../../routing/model.ts';
import type { Forward } from '../route/decision.ts';
import { applyHeaderModifier } from '../route/headerModifier.ts';
import type { RequestHead } from '../message/head.ts';

/** Applies a decision's filters to a request, once. `host`: the Host of one that brought none. */
export function modifyRequest(decision: Forward<unknown>, head: RequestHead, host: string): void {
  const { requestHeaders, hostname, path, matchedPrefix } = decision;
  for (const modifier of requestHeaders) applyHeaderModifier(modifier, head.headers);
  if (hostname !== undefined) head.authority = hostname;
  else if (head.authority === '') head.authority = host;
  if (path !== undefined) head.path = rewrite(path, head.path, matchedPrefix);
}

function rewrite(path: PathModifier, from: string, matchedPrefix: string | undefined): string {
  // `*` (OPTIONS) has no path to rewrite.
  return from.startsWith('/') ? rewritePath(path, from, matchedPrefix) : from;
}
