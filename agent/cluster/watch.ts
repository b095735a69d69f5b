import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import type { RawObject } from '../../kubernetes/rawObject.ts';
import { type WatchEvent, watchResource } from '../../kubernetes/watch.ts';
import type { WatchTiming } from '../../kubernetes/watchTiming.ts';
import { fieldsOf } from '../../runtime/json.ts';
import type { Logger } from '../../runtime/log.ts';
import { routeKinds } from '../objects/types.ts';
import type { SourceEvent } from '../source.ts';
import { DecodedObjects } from './decodedObjects.ts';
import { dispensableKinds, servingKinds, type WatchedKind, watchedKinds, type WatchedKindName } from './kinds.ts';
import { merge } from './merge.ts';
import type { ObservedStatus, ObservedStatuses } from './observedStatus.ts';
import { logProblems, logWatch } from './report.ts';

export type ClusterOptions = {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Is told the status of each route, also when nothing else of it changed. */
  readonly observed: ObservedStatuses;
  /** Is told of every event of every watch, before it is handed on; for metrics and readiness. */
  readonly onWatch?: (kind: WatchedKindName, event: WatchEvent) => void;
  readonly timing?: Partial<WatchTiming>;
};

/**
 * The objects of a cluster as they change. `listed` comes once every kind has listed that something served follows from;
 * one that the API server lacks has nothing to list, nor has a dispensable one that may not be read. Whatever the API server does, the last good state stays. Ends when the signal aborts; never throws.
 */
export async function* watchCluster(api: Api, options: ClusterOptions): AsyncGenerator<SourceEvent, void> {
  const waitingFor = new Set(servingKinds);
  for await (const event of merge(watchedKinds.map((watched) => watchKind(api, watched, options)))) {
    if (event.type !== 'kind listed') yield event;
    else if (waitingFor.delete(event.kind) && waitingFor.size === 0) yield { type: 'listed' };
  }
}

type KindEvent = SourceEvent | { readonly type: 'kind listed'; readonly kind: WatchedKindName };

async function* watchKind(
  api: Api,
  { kind, paths }: WatchedKind,
  options: ClusterOptions,
): AsyncGenerator<KindEvent, void> {
  const { signal, log, observed, onWatch, timing = {} } = options;
  const objects = new DecodedObjects(kind, logProblems(kind, log));
  const tell = logWatch(kind, log);
  const hasStatus = routeKinds.some((route) => route === kind);
  for await (const event of watchResource(api, { paths, signal, timing })) {
    tell(event);
    onWatch?.(kind, event);
    if (event.type === 'listed' || event.type === 'missing' || isForbidden(kind, event))
      yield { type: 'kind listed', kind };
    if (event.type !== 'applied' && event.type !== 'deleted') continue;
    const change = objects.take(event);
    if (change !== undefined) yield change;
    if (hasStatus) {
      observed.observe(`${kind} ${event.key}`, event.type === 'applied' ? readStatus(event.object) : undefined);
    }
  }
}

function isForbidden(kind: WatchedKindName, event: WatchEvent): boolean {
  return event.type === 'failed' && dispensableKinds.includes(kind) && isApiStatus(event.error, 403);
}

function readStatus({ metadata, status }: RawObject): ObservedStatus {
  const { uid, resourceVersion, generation } = metadata;
  const { parents } = fieldsOf(status);
  return {
    uid: uid ?? '',
    resourceVersion,
    generation: typeof generation === 'number' ? generation : 0,
    parents: Array.isArray(parents) ? parents : [],
  };
}
