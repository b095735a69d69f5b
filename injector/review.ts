import { isObject, type JsonObject, textOf } from '../runtime/json.ts';
import type { Injection } from './patch/containers.ts';
import { type Judgement, judgeOutside, judgePod } from './judge.ts';
import type { Operation } from './patch/operation.ts';
import type { Moment } from './patch/patch.ts';
import { type Pod, readPod } from './patch/pod.ts';

/** What became of a pod, for the log and for Events. */
export type Outcome = {
  readonly result: Judgement['result'];
  readonly namespace: string;
  readonly pod: Pod | undefined;
  readonly isDryRun: boolean;
  readonly warnings: readonly string[];
  /** Why the user should look at this; becomes an Event once the API server is found to say the same. */
  readonly reason: string | undefined;
  readonly event: Judgement['event'];
};

export type Answer =
  | { readonly ok: true; readonly body: JsonObject; readonly outcome: Outcome }
  /** No AdmissionReview that could be answered; `message` says what to send. */
  | { readonly ok: false; readonly message: string };

const apiVersion = 'admission.k8s.io/v1';

/** The namespace that a review names; undefined where it is none. */
export function namespaceOf(review: unknown): string | undefined {
  const request = isObject(review) ? review['request'] : undefined;
  return isObject(request) ? textOf(request, 'namespace') : undefined;
}

/** What a pod was sent for: a sidecar, or only a word about keys that mean nothing. */
export type Purpose = 'inject' | 'hint';

/**
 * The answer to an AdmissionReview v1 of a pod's creation: a JSON patch, a plain yes, or a no that says why; of a hint
 * always a yes.
 */
export function reviewPod(review: unknown, injection: Injection, moment: Moment, purpose: Purpose = 'inject'): Answer {
  if (!isObject(review) || review['apiVersion'] !== apiVersion || review['kind'] !== 'AdmissionReview') {
    return { ok: false, message: `send an AdmissionReview of ${apiVersion} as JSON` };
  }
  const { request } = review;
  const uid = isObject(request) ? textOf(request, 'uid') : undefined;
  if (!isObject(request) || uid === undefined || uid === '') {
    return { ok: false, message: 'the AdmissionReview must have a request with a uid' };
  }
  const { response, outcome } = respond(request, injection, moment, purpose);
  return { ok: true, outcome, body: { apiVersion, kind: 'AdmissionReview', response: { uid, ...response } } };
}

type Response = { readonly response: JsonObject; readonly outcome: Outcome };

function respond(request: JsonObject, injection: Injection, moment: Moment, purpose: Purpose): Response {
  const namespace = textOf(request, 'namespace') ?? '';
  const isDryRun = request['dryRun'] === true;
  const base = { namespace, pod: undefined, isDryRun, warnings: [], reason: undefined, event: undefined };
  if (!isObject(request['kind']) || typeof request['operation'] !== 'string') {
    return refuse('the request of an AdmissionReview must say its kind and operation', base);
  }
  if (!isPodCreation(request)) return { response: { allowed: true }, outcome: { ...base, result: 'skipped' } };
  const read = readPod(request['object']);
  if (!read.ok && purpose === 'hint') return { response: { allowed: true }, outcome: { ...base, result: 'skipped' } };
  if (!read.ok) return refuse(read.message, base);
  const { pod } = read;
  const judgement = purpose === 'hint' ? judgeOutside(pod) : judgePod(pod, namespace, { injection, moment });
  const { result, operations, warnings, event } = judgement;
  const outcome: Outcome = { ...base, pod, result, warnings, event, reason: event?.message };
  if (result === 'refused') return { response: forbid(event?.message ?? ''), outcome };
  return { response: { ...allow(warnings), ...encode(operations) }, outcome };
}

function isPodCreation(request: JsonObject): boolean {
  const kind = isObject(request['kind']) ? request['kind'] : {};
  const isPod = kind['kind'] === 'Pod' && kind['version'] === 'v1' && (kind['group'] ?? '') === '';
  return isPod && request['operation'] === 'CREATE' && (request['subResource'] ?? '') === '';
}

function allow(warnings: readonly string[]): JsonObject {
  return { allowed: true, ...(warnings.length > 0 ? { warnings: warnings.map((text) => `heddle: ${text}`) } : {}) };
}

function encode(operations: readonly Operation[]): JsonObject {
  if (operations.length === 0) return {};
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') };
}

function refuse(message: string, outcome: Omit<Outcome, 'result'>): Response {
  return { response: forbid(message), outcome: { ...outcome, result: 'refused', reason: message } };
}

function forbid(message: string): JsonObject {
  return { allowed: false, status: { code: 403, reason: 'Forbidden', message: `heddle: ${message}` } };
}
