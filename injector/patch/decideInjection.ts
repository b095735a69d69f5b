import { sidecarUid } from '../../contract/containers.ts';
import { injectLabel } from '../../contract/labels.ts';
import { sidecarPorts } from '../../contract/ports.ts';
import { fieldsOf, objectsOf } from '../../runtime/json.ts';
import { trustVolume } from '../../contract/trustVolume.ts';
import { isOurs } from './ours.ts';
import type { Pod } from './pod.ts';
import { isOurVolume } from './volume.ts';
import { needsWindows } from './windows.ts';

/** What to do with a pod. A warning is shown by kubectl; of a skipped pod it also becomes an Event, since nobody types most pods. */
export type Verdict =
  | { readonly type: 'inject'; readonly warnings: readonly string[] }
  | { readonly type: 'skip'; readonly warnings: readonly string[] }
  | { readonly type: 'refuse'; readonly message: string };

/**
 * Whether a pod gets a sidecar. The webhook's selectors have spoken before: a pod without a label of its own comes from
 * a namespace with injection. The pod's label wins; our own namespace and kube-system never get sidecars.
 */
export function decideInjection(pod: Pod, namespace: string, ownNamespace: string): Verdict {
  if (namespace === ownNamespace || namespace === 'kube-system') return skip();
  // The kubelet's picture of a pod that stands in a file of its node: whatever it is given, the pod has not.
  if (pod.annotations['kubernetes.io/config.mirror'] !== undefined) return skip();
  const label = pod.labels[injectLabel];
  if (label === 'disabled') return skip();
  if (label !== undefined && label !== 'enabled') {
    return skip(
      `label ${injectLabel}=${JSON.stringify(label)} is unknown: write "enabled" or "disabled"; no sidecar was added`,
    );
  }
  if (needsWindows(pod.spec)) return skip('a sidecar needs Linux: this Windows pod is not part of the mesh');
  if (pod.spec['hostNetwork'] === true) {
    return skip(
      `no sidecar was added: hostNetwork shares the node's network, which must not be redirected; remove hostNetwork or label the pod ${injectLabel}=disabled`,
    );
  }
  const message = findUser(pod) ?? findName(pod) ?? findMesh(pod) ?? findVolume(pod);
  return message === undefined ? { type: 'inject', warnings: portWarnings(pod) } : { type: 'refuse', message };
}

function skip(warning?: string): Verdict {
  return { type: 'skip', warnings: warning === undefined ? [] : [warning] };
}

/** The user of an image (its USER line) cannot be seen here; what the pod says can. */
function findUser({ spec, containers, initContainers }: Pod): string | undefined {
  const podUser = fieldsOf(spec['securityContext'])['runAsUser'];
  const others = [...initContainers, ...containers].filter((container) => !isOurs(container));
  const found = others.find((container) => {
    return (fieldsOf(container['securityContext'])['runAsUser'] ?? podUser) === sidecarUid;
  });
  if (found === undefined) return undefined;
  return `container ${String(found['name'])} runs as user ${sidecarUid}, which is the sidecar's own: its traffic would bypass the mesh; set another securityContext.runAsUser, or label the pod ${injectLabel}=disabled`;
}

function findName({ containers }: Pod): string | undefined {
  const found = containers.find((container) => isOurs(container));
  return found === undefined
    ? undefined
    : `container ${String(found['name'])} has a name that the mesh needs for its own container; rename it, or label the pod ${injectLabel}=disabled`;
}

/** Containers by which other meshes redirect a pod's connections: two cannot. */
const otherMeshes: Readonly<Record<string, string>> = {
  'linkerd-proxy': 'Linkerd',
  'linkerd-init': 'Linkerd',
  'linkerd-network-validator': 'Linkerd',
  'istio-proxy': 'Istio',
  'istio-init': 'Istio',
  'istio-validation': 'Istio',
  'kuma-sidecar': 'Kuma',
  'kuma-init': 'Kuma',
  'consul-dataplane': 'Consul',
  'consul-connect-inject-init': 'Consul',
};

function findMesh({ containers, initContainers }: Pod): string | undefined {
  const found = [...initContainers, ...containers].flatMap(({ name }) => {
    const mesh = typeof name === 'string' && Object.hasOwn(otherMeshes, name) ? otherMeshes[name] : undefined;
    return mesh === undefined ? [] : `container ${String(name)} is ${mesh}'s`;
  })[0];
  return found === undefined
    ? undefined
    : `${found}, and a pod can be in one mesh only: turn its injection off, or label the pod ${injectLabel}=disabled`;
}

function findVolume({ volumes }: Pod): string | undefined {
  const found = volumes.find((volume) => volume['name'] === trustVolume && !isOurVolume(volume));
  return found === undefined
    ? undefined
    : `volume ${trustVolume} has a name that the mesh needs for its own volume; rename it, or label the pod ${injectLabel}=disabled`;
}

/** Declared ports are only information, and the process may not listen there: a warning, not a refusal. */
function portWarnings({ containers, initContainers }: Pod): string[] {
  const taken = [...initContainers, ...containers]
    .filter((container) => !isOurs(container))
    .flatMap((container) => objectsOf(container['ports']).map((port) => ({ container, port: port['containerPort'] })));
  return taken.flatMap(({ container, port }) => {
    const use = typeof port === 'number' ? sidecarPorts.get(port) : undefined;
    if (use === undefined) return [];
    return `container ${String(container['name'])} declares port ${String(port)}, which the sidecar needs (${use}): whichever listens second fails; let the application listen elsewhere`;
  });
}
