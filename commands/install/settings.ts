import { agentName, injectorName, systemNamespace } from '../../contract/objects.ts';
import { fieldsOf, type JsonObject, objectsOf } from '../../runtime/json.ts';
import { kustomize, type Manifest, mapFields } from './kustomize.ts';
import type { ManifestFiles } from './manifestFiles.ts';

/** What a container asks for and may take; of what is not said the manifests' values hold. */
export type ResourceWish = {
  readonly cpuRequest?: string;
  readonly cpuLimit?: string;
  readonly memoryRequest?: string;
  readonly memoryLimit?: string;
};

/** What whoever installs may choose; all else is as in `manifests/default`. */
export type InstallSettings = {
  readonly image?: string;
  readonly namespace?: string;
  /** Of the injector. */
  readonly replicas?: number;
  readonly agent?: ResourceWish;
  readonly injector?: ResourceWish;
  /** Of the sidecars that are added from then on, where nothing is said by annotation. */
  readonly sidecar?: ResourceWish;
};

/** In place of a quantity: nothing is requested, or there is no limit. */
export const none = 'none';

/** All objects of the mesh as they are to be applied, in their order; deleting them in it is right, too. */
export function manifestsFor(files: ManifestFiles, settings: InstallSettings): readonly Manifest[] {
  const { objects } = kustomize(files, settings.image);
  return objects.map((object) => inNamespace(adapt(object, settings), settings.namespace ?? systemNamespace));
}

function adapt(object: Manifest, { replicas, agent, injector, sidecar }: InstallSettings): Manifest {
  const { kind, metadata } = object;
  if (kind === 'DaemonSet' && metadata.name === agentName) return withContainer(object, { wish: agent });
  if (kind === 'Deployment' && metadata.name === injectorName) {
    const changed = withContainer(object, { wish: injector, env: sidecarEnvironment(sidecar) });
    return replicas === undefined ? changed : withSpec(changed, { replicas });
  }
  // With one replica a budget of one would block every drain of its node.
  if (kind === 'PodDisruptionBudget' && replicas === 1) return withSpec(object, { minAvailable: 0 });
  return object;
}

function withSpec(object: Manifest, fields: JsonObject): Manifest {
  return { ...object, spec: { ...fieldsOf(object['spec']), ...fields } };
}

type Change = { readonly wish: ResourceWish | undefined; readonly env?: readonly JsonObject[] };

/** Each of our workloads has one container. */
function withContainer(object: Manifest, { wish = {}, env = [] }: Change): Manifest {
  const template = fieldsOf(fieldsOf(object['spec'])['template']);
  const pod = fieldsOf(template['spec']);
  const containers = objectsOf(pod['containers']).map((container) =>
    Object.assign({}, container, {
      env: [...objectsOf(container['env']), ...env],
      resources: withWish(fieldsOf(container['resources']), wish),
    }),
  );
  return withSpec(object, { template: { ...template, spec: { ...pod, containers } } });
}

function withWish(resources: JsonObject, wish: ResourceWish): JsonObject {
  const part = (name: 'requests' | 'limits', cpu?: string, memory?: string): JsonObject => {
    const all = {
      ...fieldsOf(resources[name]),
      ...(cpu !== undefined && { cpu }),
      ...(memory !== undefined && { memory }),
    };
    const left = Object.entries(all).filter(([, value]) => value !== none);
    return left.length === 0 ? {} : { [name]: Object.fromEntries(left) };
  };
  return {
    ...part('requests', wish.cpuRequest, wish.memoryRequest),
    ...part('limits', wish.cpuLimit, wish.memoryLimit),
  };
}

/** The injector's settings of what it gives to sidecars. */
export const sidecarVariables = {
  cpuRequest: 'HEDDLE_SIDECAR_CPU_REQUEST',
  cpuLimit: 'HEDDLE_SIDECAR_CPU_LIMIT',
  memoryRequest: 'HEDDLE_SIDECAR_MEMORY_REQUEST',
  memoryLimit: 'HEDDLE_SIDECAR_MEMORY_LIMIT',
} as const satisfies Record<keyof ResourceWish, string>;

function sidecarEnvironment(wish: ResourceWish = {}): readonly JsonObject[] {
  return Object.entries(sidecarVariables).flatMap(([key, name]) => {
    const value = wish[key as keyof ResourceWish];
    return value === undefined ? [] : [{ name, value }];
  });
}

/** Wherever the mesh's own namespace is named: in names, addresses, subjects of roles and selectors. */
function inNamespace(object: Manifest, namespace: string): Manifest {
  if (namespace === systemNamespace) return object;
  const named = new RegExp(`(?<![\\w-])${systemNamespace}(?![\\w-])`, 'g');
  return mapFields(object, (_, text) => text.replace(named, namespace)) as Manifest;
}
