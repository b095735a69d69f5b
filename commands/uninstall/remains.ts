import { trustConfigMap } from '../../contract/objects.ts';
import { injectLabel } from '../../contract/labels.ts';
import type { JsonObject } from '../../runtime/json.ts';
import { type MeshPod, readPod, restartCommands } from '../cluster/meshPods.ts';
import { answersTo, meshNamespaces, nameOf } from '../cluster/objects.ts';
import { count, some } from '../output/words.ts';

/** What a cluster has of a mesh beside what was installed; undefined: it may not be listed, or there is none. */
export type Beside = {
  readonly namespaces: readonly JsonObject[] | undefined;
  readonly pods: readonly JsonObject[] | undefined;
  readonly configMaps: readonly JsonObject[] | undefined;
  readonly routes: readonly JsonObject[] | undefined;
  readonly clusterRoles: readonly JsonObject[] | undefined;
};

/** Pods that have a sidecar and run. */
export function podsInside(pods: readonly JsonObject[]): readonly MeshPod[] {
  return pods.map(readPod).filter(({ sidecarImage, isFinished }) => sidecarImage !== undefined && !isFinished);
}

/** Who is still in the mesh, and how they leave it: lines for people, none where nobody is. */
export function whoIsInside({ pods = [], namespaces }: Beside): readonly string[] {
  const inside = podsInside(pods);
  if (inside.length === 0) return [];
  return [
    `${inside.length === 1 ? 'A pod is' : `${inside.length} pods are`} still in the mesh: ${some(inside.map(({ namespace, name }) => `${namespace}/${name}`))}`,
    ...[...meshNamespaces({ namespaces })].map((name) => `  kubectl label namespace ${name} ${injectLabel}-`),
    ...restartCommands(inside).map((command) => `  ${command}`),
  ];
}

/** What an uninstallation leaves, why, and the command that takes it away: lines for people. */
export function whatStays({ configMaps = [], routes = [], clusterRoles = [], namespaces }: Beside): readonly string[] {
  const lines: string[] = [];
  if (configMaps.length > 0)
    lines.push(
      `${count(configMaps.length, 'ConfigMap')} ${trustConfigMap}, so that sidecars that run keep their CA:`,
      `  kubectl delete configmap --all-namespaces --field-selector metadata.name=${trustConfigMap}`,
    );
  const answered = routes.filter((route) => answersTo(route).length > 0);
  if (answered.length > 0)
    lines.push(
      `${count(answered.length, 'route')} with the last status that was written, which means nothing any more: ${some(answered.map(nameOf))}`,
    );
  const labelled = [...meshNamespaces({ namespaces })];
  if (labelled.length > 0)
    lines.push(
      `The label of ${count(labelled.length, 'namespace')}, which takes pods into the next installation: ${some(labelled)}`,
      `  kubectl label namespace ${labelled.join(' ')} ${injectLabel}-`,
    );
  const roles = clusterRoles.filter((role) => nameOf(role).startsWith('heddle-'));
  if (roles.length > 0)
    lines.push(`Roles for people: ${some(roles.map(nameOf))}`, '  kubectl delete -k manifests/overlays/roles');
  lines.push('The definitions of the Gateway API: others may use them.');
  return lines;
}
