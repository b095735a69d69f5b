import { wantsNewer } from '../switchedOff.ts';
import { readDuration, readMilliseconds, timeoutsOf } from '../duration.ts';
import type { Reading } from '../reading.ts';
import { codesOf, inOrder, tellNoCode } from '../retryCodes.ts';
import type { Retry, Rule } from '../route.ts';

/** Timeouts and retries of a route. */
export function readTimes(http: Reading): Pick<Rule, 'timeouts' | 'retry'> {
  const retries = http.at('retries');
  const requestMs = readMilliseconds(http.at('timeout'));
  const perTryMs = readMilliseconds(retries.at('perTryTimeout'));
  // The Gateway API refuses one that is longer than the whole, which ends it anyway.
  const isShorter = (perTryMs ?? 0) <= (requestMs ?? Infinity);
  if (!isShorter) retries.at('perTryTimeout').note('is longer than timeout, which ends it: left out');
  const retry = readRetry(retries);
  return { ...timeoutsOf(requestMs, isShorter ? perTryMs : undefined), ...(retry !== undefined && { retry }) };
}

// What Istio tries again where nothing is said: broken connections, which need no word here, and 503.
const usual = 'connect-failure,refused-stream,unavailable,cancelled,503';
/** What Heddle sends again without being told, or what only gRPC has. */
const silent =
  /^(?:connect-failure|refused-stream|reset|reset-before-request|retriable-status-codes|unavailable|cancelled)$/;

function readRetry(retries: Reading): Retry | undefined {
  if (!retries.isGiven) return undefined;
  const attempts = retries.at('attempts').number();
  const backoff = readDuration(retries.at('backoff'));
  const written = retries.at('retryOn');
  const words = (written.text() ?? usual).split(',').map((part) => part.trim());
  const codes = words.flatMap((word) => {
    const known = word === 'retriable-4xx' ? [409] : codesOf(word, written);
    if (known === undefined && !silent.test(word)) tellNoCode(word, written);
    return known ?? [];
  });
  if (attempts === 0) {
    retries.at('attempts').note(wantsNewer);
    return { attempts };
  }
  return {
    ...(codes.length > 0 && { codes: inOrder(codes) }),
    ...(attempts !== undefined && { attempts }),
    ...(backoff !== undefined && { backoff }),
  };
}
