import { wantsNewer } from '../switchedOff.ts';
import { parseDuration, writeDuration } from '../duration.ts';
import type { Reading } from '../reading.ts';
import type { Retry, Rule } from '../route.ts';

/** Timeouts and retries of a route. */
export function readTimes(http: Reading): Pick<Rule, 'timeouts' | 'retry'> {
  const retries = http.at('retries');
  const request = readTime(http.at('timeout'));
  const perTry = readTime(retries.at('perTryTimeout'));
  // The Gateway API refuses one that is longer than the whole, which ends it anyway.
  const isShorter = (parseDuration(perTry ?? '') ?? 0) <= (parseDuration(request ?? '') ?? Infinity);
  const backendRequest = isShorter ? perTry : undefined;
  if (!isShorter) retries.at('perTryTimeout').note('is longer than timeout, which ends it: left out');
  const retry = readRetry(retries);
  const timeouts = {
    ...(request !== undefined && { request }),
    ...(backendRequest !== undefined && { backendRequest }),
  };
  return { ...(Object.keys(timeouts).length > 0 && { timeouts }), ...(retry !== undefined && { retry }) };
}

function readTime(read: Reading): string | undefined {
  const text = read.text();
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return writeDuration(milliseconds);
  read.lost('it is no duration');
  return undefined;
}

// What Istio tries again where nothing is said: broken connections, which need no word here, and 503.
const usual = 'connect-failure,refused-stream,unavailable,cancelled,503';
/** What Heddle sends again without being told, or what only gRPC has. */
const silent =
  /^(?:connect-failure|refused-stream|reset|reset-before-request|retriable-status-codes|unavailable|cancelled)$/;

function readRetry(retries: Reading): Retry | undefined {
  if (!retries.isGiven) return undefined;
  const attempts = retries.at('attempts').number();
  const backoff = readTime(retries.at('backoff'));
  const written = retries.at('retryOn');
  const codes = new Set<number>();
  for (const word of (written.text() ?? usual).split(',').map((part) => part.trim())) {
    const known = meaning[word];
    if (known !== undefined) for (const code of known) codes.add(code);
    else if (/^[45]\d\d$/.test(word)) codes.add(Number(word));
    else if (!silent.test(word)) written.lost(`${word}: a retry knows codes, errors and timeouts`);
    if (word === '5xx') written.note('5xx is 500, 502, 503 and 504: a retry names each code');
  }
  if (attempts === 0) {
    retries.at('attempts').note(wantsNewer);
    return { attempts };
  }
  return {
    ...(codes.size > 0 && { codes: [...codes].toSorted((one, other) => one - other) }),
    ...(attempts !== undefined && { attempts }),
    ...(backoff !== undefined && { backoff }),
  };
}

const meaning: Readonly<Record<string, readonly number[]>> = {
  '5xx': [500, 502, 503, 504],
  'gateway-error': [502, 503, 504],
  'retriable-4xx': [409],
};
