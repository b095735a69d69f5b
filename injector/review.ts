import { isObject, type JsonObject, textOf } from '../runtime/json.ts';
import type { Injection } from './patch/containers.ts';
import { decideInjection } from './patch/decideInjection.ts';
import type { Operation } from './patch/operation.ts';
import { type Moment, patchPod } from './patch/patch.ts';
import { type Pod, readPod } from './patch/pod.ts';

/** What became of a pod, for the log and for Events. */
export type Outcome = {
  readonly result: 'injected' | 'unchanged' | 'skipped' | 'refused';
  readonly namespace: string;
  readonly pod: Pod | undefined;
  readonly isDryRun: boolean;
  readonly warnings: readonly string[];
  /** Why the user should look at this; becomes an Event. */
  readonly reason: string | undefined;
};

export type Answer =
  | { readonly ok: true; readonly body: JsonObject; readonly outcome: Outcome }
  /** No AdmissionReview that could be answered; `message` says what to send. */
  | { readonly ok: false; readonly message: string };

const apiVersion = 'admission.k8s.io/v1';

/** The answer to an AdmissionReview v1 of a pod's creation: a JSON patch, a plain yes, or a no that says why. */
export function reviewPod(review: unknown, injection: Injection, moment: Moment): Answer {
  if (!isObject(review) || review['apiVersion'] !== apiVersion || review['kind'] !== 'AdmissionReview') {
    return { ok: false, message: `send an AdmissionReview of ${apiVersion} as JSON` };
  }
  const { request } = review;
  const uid = isObject(request) ? textOf(request, 'uid') : undefined;
  if (!isObject(request) || uid === undefined || uid === '') {
    return { ok: false, message: 'the AdmissionReview must have a request with a uid' };
  }
  const { response, outcome } = respond(request, injection, moment);
  return { ok: true, outcome, body: { apiVersion, kind: 'AdmissionReview', response: { uid, ...response } } };
}

type Response = { readonly response: JsonObject; readonly outcome: Outcome };

function respond(request: JsonObject, injection: Injection, moment: Moment): Response {
  const namespace = textOf(request, 'namespace') ?? '';
  const base = { namespace, pod: undefined, isDryRun: request['dryRun'] === true, warnings: [], reason: undefined };
  if (!isObject(request['kind']) || typeof request['operation'] !== 'string') {
    return refuse('the request of an AdmissionReview must say its kind and operation', base);
  }
  if (!isPodCreation(request)) return { response: { allowed: true }, outcome: { ...base, result: 'skipped' } };
  const read = readPod(request['object']);
  if (!read.ok) return refuse(read.message, base);
  const { pod } = read;
  const verdict = decideInjection(pod, namespace, injection.namespace);
  if (verdict.type === 'refuse') return refuse(verdict.message, { ...base, pod });
  if (verdict.type === 'skip') {
    const reason = verdict.warnings.length > 0 ? verdict.warnings.join('; ') : undefined;
    const outcome: Outcome = { ...base, pod, result: 'skipped', warnings: verdict.warnings, reason };
    return { response: allow(verdict.warnings), outcome };
  }
  const patch = patchPod(pod, injection, moment);
  if (!patch.ok) return refuse(patch.message, { ...base, pod });
  const warnings = [...verdict.warnings, ...patch.warnings];
  const result = patch.operations.length === 0 ? 'unchanged' : 'injected';
  return { response: { ...allow(warnings), ...encode(patch.operations) }, outcome: { ...base, pod, result, warnings } };
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
  return {
    response: { allowed: false, status: { code: 403, reason: 'Forbidden', message: `heddle: ${message}` } },
    outcome: { ...outcome, result: 'refused', reason: message },
  };
}
