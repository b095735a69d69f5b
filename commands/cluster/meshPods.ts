import { sidecarName } from '../../contract/containers.ts';
import { injectedAnnotation, injectLabel } from '../../contract/labels.ts';
import { fieldsOf, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';

/** What the commands read of a pod. */
export type MeshPod = {
  readonly namespace: string;
  readonly name: string;
  readonly node: string | undefined;
  /** Of its sidecar; undefined: it has none. */
  readonly sidecarImage: string | undefined;
  /** Of its sidecar, as the injector wrote it. */
  readonly sidecarVersion: string | undefined;
  /** The value of its own label for injection. */
  readonly label: string | undefined;
  /** Such pods get no sidecar: the node's network, a file of the node, another system. */
  readonly isLeftOut: boolean;
  readonly isFinished: boolean;
  readonly isReady: boolean;
  /** How it is made anew: `rollout restart deployment/cart`, else `delete pod cart-1`. */
  readonly restart: string;
};

/** A pod as the API server has it. */
export function readPod(pod: JsonObject): MeshPod {
  const metadata = fieldsOf(pod['metadata']);
  const spec = fieldsOf(pod['spec']);
  const status = fieldsOf(pod['status']);
  const annotations = fieldsOf(metadata['annotations']);
  const containers = [...objectsOf(spec['initContainers']), ...objectsOf(spec['containers'])];
  const sidecar = containers.find((container) => container['name'] === sidecarName);
  const os = textOf(fieldsOf(spec['os']), 'name') ?? textOf(fieldsOf(spec['nodeSelector']), 'kubernetes.io/os');
  return {
    namespace: textOf(metadata, 'namespace') ?? '',
    name: textOf(metadata, 'name') ?? '',
    node: textOf(spec, 'nodeName'),
    sidecarImage: sidecar && (textOf(sidecar, 'image') ?? ''),
    sidecarVersion: textOf(annotations, injectedAnnotation),
    label: textOf(fieldsOf(metadata['labels']), injectLabel),
    isLeftOut:
      spec['hostNetwork'] === true || annotations['kubernetes.io/config.mirror'] !== undefined || os === 'windows',
    isFinished: status['phase'] === 'Succeeded' || status['phase'] === 'Failed',
    isReady: objectsOf(status['conditions']).some(({ type, status: held }) => type === 'Ready' && held === 'True'),
    restart: restartOf(metadata),
  };
}

function restartOf(metadata: JsonObject): string {
  const owner = objectsOf(metadata['ownerReferences']).find(({ controller }) => controller === true) ?? {};
  const name = textOf(owner, 'name') ?? '';
  const hash = textOf(fieldsOf(metadata['labels']), 'pod-template-hash');
  if (owner['kind'] === 'ReplicaSet' && hash !== undefined && name.endsWith(`-${hash}`))
    return `rollout restart deployment/${name.slice(0, -hash.length - 1)}`;
  if (owner['kind'] === 'StatefulSet' || owner['kind'] === 'DaemonSet')
    return `rollout restart ${owner['kind'].toLowerCase()}/${name}`;
  return `delete pod ${textOf(metadata, 'name') ?? ''}`;
}

/** The commands that make these pods anew, each once, with the namespace; at most `most` of them. */
export function restartCommands(pods: readonly MeshPod[], most = 5): readonly string[] {
  const all = [...new Set(pods.map(({ namespace, restart }) => `kubectl -n ${namespace} ${restart}`))].toSorted();
  return all.length <= most ? all : [...all.slice(0, most), `and so for ${all.length - most} more`];
}
