import { fieldsOf, type JsonObject, numberOf, objectsOf, textOf } from '../../runtime/json.ts';

/** How far a DaemonSet or Deployment is. */
export type Rollout = { readonly isDone: boolean; readonly words: string };

/** As `kubectl rollout status` decides it: every pod is of the present template, ready, and no other is left. */
export function rolloutOf(workload: JsonObject): Rollout {
  const status = fieldsOf(workload['status']);
  const generation = numberOf(fieldsOf(workload['metadata']), 'generation') ?? 0;
  if ((numberOf(status, 'observedGeneration') ?? 0) < generation)
    return { isDone: false, words: 'waits for its controller' };
  const counts = workload['kind'] === 'DaemonSet' ? ofDaemonSet(status) : ofDeployment(workload, status);
  const { wanted, updated, ready, all } = counts;
  const isDone = updated >= wanted && ready >= wanted && all <= wanted;
  if (isDone) return { isDone, words: `${wanted} of ${wanted} ready` };
  if (updated < wanted) return { isDone, words: `${updated} of ${wanted} made anew` };
  if (all > wanted) return { isDone, words: `${all - wanted} of the former still there` };
  return { isDone, words: `${ready} of ${wanted} ready` };
}

type Counts = Readonly<Record<'wanted' | 'updated' | 'ready' | 'all', number>>;

function ofDaemonSet(status: JsonObject): Counts {
  const wanted = numberOf(status, 'desiredNumberScheduled') ?? 0;
  return {
    wanted,
    updated: numberOf(status, 'updatedNumberScheduled') ?? 0,
    ready: numberOf(status, 'numberAvailable') ?? 0,
    all: wanted,
  };
}

function ofDeployment(workload: JsonObject, status: JsonObject): Counts {
  return {
    wanted: numberOf(fieldsOf(workload['spec']), 'replicas') ?? 1,
    updated: numberOf(status, 'updatedReplicas') ?? 0,
    ready: numberOf(status, 'availableReplicas') ?? 0,
    all: numberOf(status, 'replicas') ?? 0,
  };
}

/** Containers that are just being made ready say so; that is no trouble. */
const passing = new Set(['ContainerCreating', 'PodInitializing']);

/** Why pods do not become ready, as they and the scheduler say it: one line each, in the order of their names. */
export function troublesOf(pods: readonly JsonObject[]): readonly string[] {
  return pods
    .flatMap((pod) => {
      const name = textOf(fieldsOf(pod['metadata']), 'name') ?? '';
      const trouble = troubleOf(fieldsOf(pod['status']));
      return trouble === undefined ? [] : [`Pod ${name}: ${trouble}`];
    })
    .toSorted();
}

function isUnscheduled({ type, status }: JsonObject): boolean {
  return type === 'PodScheduled' && status === 'False';
}

function troubleOf(status: JsonObject): string | undefined {
  const unscheduled = objectsOf(status['conditions']).find(isUnscheduled);
  if (unscheduled !== undefined)
    return `${textOf(unscheduled, 'reason') ?? 'Unscheduled'}: ${textOf(unscheduled, 'message') ?? ''}`;
  for (const container of [...objectsOf(status['initContainerStatuses']), ...objectsOf(status['containerStatuses'])]) {
    const waiting = fieldsOf(fieldsOf(container['state'])['waiting']);
    const reason = textOf(waiting, 'reason');
    if (reason === undefined || passing.has(reason)) continue;
    const ended = fieldsOf(fieldsOf(container['lastState'])['terminated']);
    const code = numberOf(ended, 'exitCode');
    const before = code === undefined ? '' : `; it ended with exit code ${code}`;
    return `${reason}: ${textOf(waiting, 'message') ?? textOf(container, 'name') ?? ''}${before}`;
  }
  return undefined;
}
