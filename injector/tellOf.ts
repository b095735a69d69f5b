import { injectLabel } from '../contract/labels.ts';
import { type Api, isApiStatus } from '../kubernetes/api.ts';
import type { Regarding } from '../kubernetes/event.ts';
import { fieldsOf, isObject, type JsonObject, objectsOf, textOf } from '../runtime/json.ts';
import type { Told } from './events.ts';
import { judgeOutside, judgePod, sameMoment } from './judge.ts';
import { isNamespaceName, type Namespace } from './namespaces.ts';
import type { Injection } from './patch/containers.ts';
import { type Pod, readPod } from './patch/pod.ts';

/** A pod of which something is to be told, as a review has it: nothing of it is believed. */
export type Subject = { readonly namespace: string; readonly pod: Pod; readonly isAdmitted: boolean };

/** Owners whose pods are made from a template that says all of them. */
const resources: Readonly<Record<string, string>> = {
  'apps/v1 ReplicaSet': 'apis/apps/v1/namespaces/*/replicasets',
  'apps/v1 StatefulSet': 'apis/apps/v1/namespaces/*/statefulsets',
  'apps/v1 DaemonSet': 'apis/apps/v1/namespaces/*/daemonsets',
  'batch/v1 Job': 'apis/batch/v1/namespaces/*/jobs',
  'v1 ReplicationController': 'api/v1/namespaces/*/replicationcontrollers',
};

/**
 * What is to be told of a pod that was reviewed, and of which object: its owner where that has the pod's template, else the
 * pod itself if it was admitted. Both are read anew and judged anew, since a review may come from anyone. Undefined where
 * nothing is there, or what is there is well.
 */
export async function tellOf(
  { namespace, pod, isAdmitted }: Subject,
  context: {
    readonly api: Api;
    readonly injection: Injection;
    readonly readNamespace: (name: string) => Promise<Namespace | undefined>;
  },
): Promise<Told | undefined> {
  const { api, injection, readNamespace } = context;
  if (!isNamespaceName(namespace)) return undefined;
  const path = ownerPath(pod, namespace) ?? (isAdmitted ? podPath(pod, namespace) : undefined);
  if (path === undefined) return undefined;
  const object = await get(api, path);
  const found = object === undefined ? undefined : readPod(fieldsOf(object['spec'])['template'] ?? object);
  if (object === undefined || found?.ok !== true) return undefined;
  const said = await readNamespace(namespace);
  const asks = said?.labels[injectLabel] === 'enabled' || found.pod.labels[injectLabel] !== undefined;
  const moment = sameMoment(said);
  const { event } = asks ? judgePod(found.pod, namespace, { injection, moment }) : judgeOutside(found.pod);
  if (event === undefined) return undefined;
  return { namespace, regarding: regardingOf(object, namespace), ...event };
}

/** For the memory of what was told: what the review says of itself. */
export function keyOf({ namespace, pod, isAdmitted }: Subject): string {
  return JSON.stringify([namespace, ownerPath(pod, namespace) ?? pod.name, isAdmitted]).slice(0, 500);
}

function ownerPath({ metadata }: Pod, namespace: string): string | undefined {
  const owners = objectsOf(metadata['ownerReferences']);
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  if (owner === undefined) return undefined;
  const kind = `${textOf(owner, 'apiVersion')} ${textOf(owner, 'kind')}`;
  const resource = Object.hasOwn(resources, kind) ? resources[kind] : undefined;
  const name = textOf(owner, 'name') ?? '';
  return resource === undefined || !isObjectName(name) ? undefined : `/${resource.replace('*', namespace)}/${name}`;
}

function podPath({ metadata }: Pod, namespace: string): string | undefined {
  const name = textOf(metadata, 'name') ?? '';
  return isObjectName(name) ? `/api/v1/namespaces/${namespace}/pods/${name}` : undefined;
}

function isObjectName(name: string): boolean {
  return /^[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?$/.test(name) && !name.includes('..');
}

/** A pod is stored a moment after its review. */
async function get(api: Api, path: string): Promise<JsonObject | undefined> {
  for (const waitMs of [300, 1500, 5000]) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    try {
      const object = await api.request({ path, timeoutMs: 2000 });
      return isObject(object) ? object : undefined;
    } catch (error) {
      if (!isApiStatus(error, 404)) throw error;
    }
  }
  return undefined;
}

function regardingOf(object: JsonObject, namespace: string): Regarding {
  const metadata = fieldsOf(object['metadata']);
  return {
    apiVersion: textOf(object, 'apiVersion') ?? 'v1',
    kind: textOf(object, 'kind') ?? 'Pod',
    namespace,
    name: textOf(metadata, 'name') ?? '',
    uid: textOf(metadata, 'uid') ?? '',
  };
}
