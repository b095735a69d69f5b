import { injectorName } from '../contract/objects.ts';
import type { Api } from '../kubernetes/api.ts';
import { type JsonObject, objectsOf, textOf } from '../runtime/json.ts';
import type { Logger } from '../runtime/log.ts';
import { reasonOf } from '../runtime/reason.ts';
import type { Pod } from './patch/pod.ts';

/** A pod that got no sidecar though somebody expects one, and why: refused, or admitted as it is. */
export type WithoutSidecar = {
  readonly event: 'InjectionRefused' | 'NotInjected';
  readonly namespace: string;
  readonly pod: Pod;
  readonly reason: string;
};

const repeatAfterMs = 300_000;
const mostRemembered = 1000;
const mostAtOnce = 20;

/**
 * Writes Warning events on the owner of a pod, where `kubectl describe` shows them to whoever waits for pods that never
 * come (InjectionRefused) or wonders why they have no sidecar (NotInjected). The same about the same owner comes every
 * five minutes at most. Nothing waits for it, and it never fails: what cannot be written is logged.
 */
export function createEvents(options: { readonly api: Api; readonly log: Logger; readonly now: () => number }): {
  readonly report: (without: WithoutSidecar) => void;
} {
  const { api, log, now } = options;
  const reported = new Map<string, number>();
  let underWay = 0;

  async function write(without: WithoutSidecar): Promise<void> {
    const { namespace } = without;
    underWay++;
    try {
      const body = eventOf(without, new Date(now()));
      await api.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/events`, body });
    } catch (error) {
      log.warn({ namespace, pod: without.pod.name, reason: reasonOf(error) }, 'An Event could not be written');
    } finally {
      underWay--;
    }
  }

  return {
    report(without) {
      const { namespace, pod, reason } = without;
      const { kind, name } = regarding(namespace, pod);
      const key = JSON.stringify([namespace, kind, name, reason]);
      const last = reported.get(key);
      if (underWay >= mostAtOnce || (last !== undefined && now() < last + repeatAfterMs)) return;
      reported.delete(key);
      reported.set(key, now());
      const [oldest] = reported.keys();
      if (reported.size > mostRemembered && oldest !== undefined) reported.delete(oldest);
      void write(without);
    },
  };
}

/** The controller of a pod; the pod itself where nothing in its namespace owns it. */
function regarding(namespace: string, pod: Pod): Readonly<Record<string, string>> & { kind: string; name: string } {
  const owners = objectsOf(pod.metadata['ownerReferences']);
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  const kind = owner === undefined ? undefined : textOf(owner, 'kind');
  const name = owner === undefined ? undefined : textOf(owner, 'name');
  // A Node owns static pods, and has no namespace that an event could be in.
  if (owner === undefined || kind === undefined || name === undefined || kind === 'Node') {
    return { apiVersion: 'v1', kind: 'Pod', namespace, name: pod.name };
  }
  return { apiVersion: textOf(owner, 'apiVersion') ?? '', kind, namespace, name, uid: textOf(owner, 'uid') ?? '' };
}

function eventOf({ event, namespace, pod, reason }: WithoutSidecar, at: Date): JsonObject {
  const involvedObject = regarding(namespace, pod);
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const suffix = `${at.getTime().toString(16)}${Math.floor(Math.random() * 65_536).toString(16)}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${involvedObject.name.replace(/[^a-z\d]+$/, '').slice(0, 200)}.${suffix}`, namespace },
    involvedObject,
    type: 'Warning',
    reason: event,
    message: reason.slice(0, 1024),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: injectorName },
    reportingComponent: injectorName,
    reportingInstance: '',
  };
}
