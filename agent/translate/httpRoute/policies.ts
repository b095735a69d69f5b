import type { Retry, Timeouts } from '../../../routing/model.ts';
import type { HTTPRouteRetry, HTTPRouteRule, HTTPRouteTimeouts } from '../../objects/types.ts';
import { type Checked, findUnknown, wrong } from '../rules/checked.ts';
import { unsupported } from '../rules/filter.ts';
import type { TranslatedPolicies } from '../rules/rules.ts';
import { limitDuration, parseDuration } from './duration.ts';

/** Timeouts and retry of a rule. */
export function translatePolicies(rule: HTTPRouteRule): TranslatedPolicies {
  const timeouts = rule.timeouts && translateTimeouts(rule.timeouts);
  const retry = rule.retry && translateRetry(rule.retry);
  return {
    policies: {
      ...(timeouts?.ok && timeouts.value !== undefined && { timeouts: timeouts.value }),
      ...(retry?.ok && { retry: retry.value }),
    },
    wrong: [
      ...(timeouts?.ok === false ? [unsupported('timeouts', timeouts.message)] : []),
      ...(retry?.ok === false ? [unsupported('retry', retry.message)] : []),
    ],
  };
}

/** Timeouts of a rule; `undefined`: all of them are switched off. */
function translateTimeouts(timeouts: HTTPRouteTimeouts): Checked<Timeouts | undefined> {
  const unknown = findUnknown('timeouts', timeouts.unknownFields);
  if (unknown !== undefined) return unknown;
  const request = checkDuration('timeouts.request', timeouts.request ?? '0s');
  const backendRequest = checkDuration('timeouts.backendRequest', timeouts.backendRequest ?? '0s');
  if (!request.ok) return request;
  if (!backendRequest.ok) return backendRequest;
  if (request.value > 0 && backendRequest.value > request.value) {
    return wrong('timeouts.backendRequest is longer than timeouts.request, which holds for all tries; make it shorter');
  }
  const value: Timeouts = {
    ...(request.value > 0 && { requestMs: limitDuration(request.value) }),
    ...(backendRequest.value > 0 && { backendRequestMs: limitDuration(backendRequest.value) }),
  };
  return { ok: true, value: Object.keys(value).length === 0 ? undefined : value };
}

/** The retry of a rule; without attempts nothing else of it counts. */
function translateRetry(retry: HTTPRouteRetry): Checked<Retry> {
  const { attempts, codes } = retry;
  const unknown = findUnknown('retry', retry.unknownFields);
  if (unknown !== undefined) return unknown;
  const backoff = retry.backoff === undefined ? undefined : checkDuration('retry.backoff', retry.backoff);
  if (backoff?.ok === false) return backoff;
  if (attempts === 0) return { ok: true, value: { attempts, codes: [] } };
  return {
    ok: true,
    value: {
      attempts,
      codes: [...new Set(codes)].toSorted((one, other) => one - other),
      ...(backoff !== undefined && { backoffMs: limitDuration(backoff.value) }),
    },
  };
}

function checkDuration(field: string, text: string): Checked<number> {
  const value = parseDuration(text);
  if (value !== undefined) return { ok: true, value };
  return wrong(`${field} is ${JSON.stringify(text)}; write a duration such as 10s, 500ms or 1m30s`);
}
