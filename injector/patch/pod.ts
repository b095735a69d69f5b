import { fieldsOf, isObject, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';

/** A pod as it is admitted, with the members that we read checked; the rest of each object is what was sent. */
export type Pod = {
  readonly metadata: JsonObject;
  readonly spec: JsonObject;
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
  readonly containers: readonly JsonObject[];
  readonly initContainers: readonly JsonObject[];
  readonly volumes: readonly JsonObject[];
  /** For messages: its name, or what its generated name begins with. */
  readonly name: string;
};

/** Checks the shape of a pod: that what must be objects and lists are. `message` says what is not. */
export function readPod(
  object: unknown,
): { readonly ok: true; readonly pod: Pod } | { readonly ok: false; readonly message: string } {
  if (!isObject(object)) return { ok: false, message: 'request.object must be a Pod' };
  const { metadata, spec } = object;
  if (!isObject(metadata)) return { ok: false, message: 'metadata of the pod must be an object' };
  if (!isObject(spec)) return { ok: false, message: 'spec of the pod must be an object' };
  const wrong = ['labels', 'annotations'].find((key) => !isAbsent(metadata[key]) && !isObject(metadata[key]));
  if (wrong !== undefined) return { ok: false, message: `metadata.${wrong} of the pod must be an object` };
  const wrongList = ['containers', 'initContainers', 'volumes'].find(
    (key) => !isAbsent(spec[key]) && !isList(spec[key]),
  );
  if (wrongList !== undefined) return { ok: false, message: `spec.${wrongList} of the pod must be a list of objects` };
  return {
    ok: true,
    pod: {
      metadata,
      spec,
      labels: fieldsOf(metadata['labels']),
      annotations: fieldsOf(metadata['annotations']),
      containers: objectsOf(spec['containers']),
      initContainers: objectsOf(spec['initContainers']),
      volumes: objectsOf(spec['volumes']),
      name: textOf(metadata, 'name') ?? textOf(metadata, 'generateName') ?? '',
    },
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item));
}
