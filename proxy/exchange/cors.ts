import type { Fields } from '../message/fields.ts';
import { type RequestHead, ResponseHead } from '../message/head.ts';
import { httpDate } from '../message/date.ts';
import type { OwnAnswer } from './answer.ts';
import type { AllowedNames, Cors } from '../route/cors.ts';
import type { Decision, Preflight } from '../route/decision.ts';
import { applyHeaderChanges } from '../route/headerModifier.ts';

/** What the log says, as ready JSON text. It tells no value of a header: only which of them was refused. */
const verdicts = {
  allowed: ',"cors":"allowed"',
  originNotAllowed: ',"cors":"origin not allowed"',
  preflightAllowed: ',"cors":"preflight allowed"',
  preflightOrigin: ',"cors":"preflight: origin not allowed"',
  preflightMethod: ',"cors":"preflight: method not allowed"',
  preflightHeader: ',"cors":"preflight: header not allowed"',
} as const;

const refusal = 'heddle: 403 the CORS filter of the rule does not allow this origin: add it to allowOrigins\n';

/**
 * Makes a response say what the rule says of CORS and nothing else of it, whoever wrote it
 * (https://gateway-api.sigs.k8s.io/geps/gep-1767/). Returns the verdict for the log: none where no origin asks, or the
 * rule says nothing of CORS.
 */
export function shareResponse(
  decision: Decision | undefined,
  request: RequestHead,
  { headers }: ResponseHead,
): string | undefined {
  const cors = decision?.cors;
  if (cors === undefined) return undefined;
  dropShared(headers);
  const origin = request.headers.get('origin');
  const isAllowed = shareWithOrigin(cors, origin, headers);
  if (isAllowed) expose(cors, headers);
  if (cors.allowOrigin === 'origin') vary(headers, 'Origin');
  if (origin === undefined) return undefined;
  return isAllowed ? verdicts.allowed : verdicts.originNotAllowed;
}

/** The answer to a preflight. What is not allowed is for the browser to see; only an origin is refused here. */
export function answerPreflight({ by: cors, responseHeaders }: Preflight, request: RequestHead): OwnAnswer {
  const head = new ResponseHead();
  const { headers } = head;
  headers.append('Date', httpDate());
  applyHeaderChanges(responseHeaders, headers);
  dropShared(headers);
  const isAllowed = shareWithOrigin(cors, request.headers.get('origin'), headers);
  head.status = isAllowed ? 204 : 403;
  head.reason = isAllowed ? 'No Content' : 'Forbidden';
  const body = Buffer.from(isAllowed ? '' : refusal);
  head.bodyLength = body.length;
  vary(headers, variesBy(cors));
  if (!isAllowed) {
    headers.append('Content-Type', 'text/plain; charset=utf-8');
    return { head, body, filtered: verdicts.preflightOrigin };
  }
  const method = request.headers.get('access-control-request-method') ?? '';
  const names = request.headers.get('access-control-request-headers') ?? '';
  allow('Access-Control-Allow-Methods', cors.methods, method, headers);
  allow('Access-Control-Allow-Headers', cors.headers, names, headers);
  expose(cors, headers);
  headers.append('Access-Control-Max-Age', cors.maxAge);
  return { head, body, filtered: judge(cors, method, names) };
}

function shareWithOrigin(
  { allowOrigin, allowsOrigin, allowCredentials }: Cors,
  origin: string | undefined,
  to: Fields,
) {
  if (allowOrigin === '*') to.append('Access-Control-Allow-Origin', '*');
  else if (origin === undefined || !allowsOrigin(origin)) return false;
  else to.append('Access-Control-Allow-Origin', origin);
  if (allowCredentials) to.append('Access-Control-Allow-Credentials', 'true');
  return true;
}

function expose({ exposeHeaders }: Cors, headers: Fields): void {
  if (exposeHeaders !== '') headers.append('Access-Control-Expose-Headers', exposeHeaders);
}

/** All are allowed by naming those asked for: to some browsers `*` says nothing, and to none Authorization. */
function allow(field: string, { any, text }: AllowedNames, asked: string, headers: Fields): void {
  const value = any ? asked : text;
  if (value !== '') headers.append(field, value);
}

function judge({ methods, headers }: Cors, method: string, names: string): string {
  if (!methods.any && !methods.names.has(method)) return verdicts.preflightMethod;
  const isAllowed = (name: string): boolean => name === '' || headers.names.has(name);
  const asked = names.split(',').map((name) => name.trim().toLowerCase());
  return headers.any || asked.every(isAllowed) ? verdicts.preflightAllowed : verdicts.preflightHeader;
}

function variesBy({ allowOrigin, methods, headers }: Cors): string {
  const by = [
    ...(allowOrigin === 'origin' ? ['Origin'] : []),
    ...(methods.any ? ['Access-Control-Request-Method'] : []),
    ...(headers.any ? ['Access-Control-Request-Headers'] : []),
  ];
  return by.join(', ');
}

/** A cache must not give the answer for one origin to another (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches). */
function vary(headers: Fields, names: string): void {
  if (names === '' || /(?:^|,)\s*(?:\*|origin)\s*(?:,|$)/i.test(headers.get('vary') ?? '')) return;
  headers.append('Vary', names);
}

function dropShared(headers: Fields): void {
  for (const name of responseFields) headers.remove(name);
}

const responseFields = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-allow-private-network',
  'access-control-expose-headers',
  'access-control-max-age',
];
