import { isApiStatus } from '../../kubernetes/api.ts';
import type { WatchEvent } from '../../kubernetes/watch.ts';
import type { Logger } from '../../runtime/log.ts';
import type { ReportProblems } from './decodedObjects.ts';
import { servingKinds, type WatchedKindName } from './kinds.ts';

/** A failure that goes on is told again after so long. */
const remindMs = 60_000;
// So often a server may ask for patience (429) before anybody hears of it: with a definition that is new it does for seconds.
const patience = 3;

/** Returns what tells of one kind's watch in the log: a line when it fails, now and then while it does, and when it works again. */
export function logWatch(kind: WatchedKindName, log: Logger): (event: WatchEvent) => void {
  let toldAt: number | undefined;
  return (event) => {
    if (event.type === 'missing') {
      const level = servingKinds.includes(kind) ? 'warn' : 'debug';
      log[level]({ kind, reason: missingReason(kind) }, 'Kind is not served by the API server: it counts as empty');
    } else if (event.type === 'failed') {
      const now = performance.now();
      if (isApiStatus(event.error, 429) && event.failures <= patience) {
        log.debug({ kind, reason: event.error.message, failures: event.failures }, 'Watch is to wait a little');
        return;
      }
      if (toldAt !== undefined && now - toldAt < remindMs) return;
      toldAt = now;
      const fields = { kind, reason: adviseOn(event.error), failures: event.failures };
      log.warn(fields, 'Watch failed: what is known keeps serving, it is tried again');
    } else {
      if (toldAt !== undefined) log.info({ kind }, 'Watch works again');
      toldAt = undefined;
      if (event.type === 'listed') log.debug({ kind, objects: event.objects }, 'Kind listed');
    }
  };
}

function missingReason(kind: WatchedKindName): string {
  return kind === 'Service' || kind === 'EndpointSlice'
    ? 'this API server lacks what every Kubernetes has; check that its address is right'
    : 'install the CRDs of the Gateway API; it is picked up when they are there';
}

function adviseOn(error: Error): string {
  if (isApiStatus(error, 403)) return `${error.message}; let the ServiceAccount get, list and watch it`;
  if (isApiStatus(error, 401)) return `${error.message}; check the token of the ServiceAccount or of the kubeconfig`;
  return error.message;
}

const brokenNow = 'Object cannot be read; its last good version keeps serving';
const brokenAlways = 'Object cannot be read and never was good: it counts as absent';

/** Returns what tells of objects that cannot be decoded, each problem once. */
export function logProblems(kind: WatchedKindName, log: Logger): ReportProblems {
  return (key, messages, was) => {
    const object = `${kind} ${key}`;
    if (messages.length === 0) log.info({ object }, 'Object has no problems any more');
    for (const reason of messages) log.warn({ object, reason }, was === 'good' ? brokenNow : brokenAlways);
  };
}
