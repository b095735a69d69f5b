import { injectLabel } from '../../contract/labels.ts';
import { fieldsOf, type JsonObject, textOf } from '../../runtime/json.ts';
import { type MeshPod, readPod, restartCommands } from '../cluster/meshPods.ts';
import { labelOf, meshNamespaces, nameOf } from '../cluster/objects.ts';
import { count, some } from '../output/words.ts';
import type { Facts } from './facts.ts';
import { type Finding, good } from './finding.ts';
import { sidecarImage } from './installation.ts';

/** What namespaces say of injection, and whether their pods may have a sidecar. */
export function checkNamespaces(facts: Facts): readonly Finding[] {
  const { namespaces } = facts;
  if (namespaces === undefined) return [];
  const inside = [...meshNamespaces(facts)];
  return [
    inside.length === 0
      ? {
          check: 'namespaces',
          level: 'warning',
          what: 'none has injection',
          why: 'only pods that ask for it themselves are in the mesh',
          mend: [`kubectl label namespace NAME ${injectLabel}=enabled`],
        }
      : good('namespaces', `${count(inside.length, 'namespace')} with injection: ${some(inside)}`),
    ...checkLabels(namespaces),
    ...checkPodSecurity(namespaces),
  ];
}

function checkLabels(namespaces: readonly JsonObject[]): readonly Finding[] {
  const odd = namespaces.filter((one) => !['enabled', 'disabled', undefined].includes(labelOf(one)));
  return odd.map((one) => ({
    check: 'namespaces',
    level: 'warning',
    what: `${nameOf(one)} says ${injectLabel}=${labelOf(one) ?? ''}`,
    why: 'it counts as if it said nothing',
    mend: [`kubectl label --overwrite namespace ${nameOf(one)} ${injectLabel}=enabled`],
  }));
}

const enforce = 'pod-security.kubernetes.io/enforce';

function levelOf(namespace: JsonObject): string {
  return textOf(fieldsOf(fieldsOf(namespace['metadata'])['labels']), enforce) ?? 'privileged';
}

/** Of the namespaces with injection. */
export function checkPodSecurity(namespaces: readonly JsonObject[]): readonly Finding[] {
  const inside = namespaces.filter((one) => labelOf(one) === 'enabled');
  const strict = inside.filter((one) => levelOf(one) !== 'privileged');
  if (strict.length === 0) return inside.length === 0 ? [] : [good('Pod Security', 'lets heddle-init set its rules')];
  return strict.map((one) => ({
    check: 'Pod Security',
    level: 'bad',
    what: `${nameOf(one)} enforces ${levelOf(one)}`,
    why: 'it refuses pods with heddle-init, which needs NET_ADMIN and NET_RAW; new pods do not come',
    mend: [`kubectl label --overwrite namespace ${nameOf(one)} ${enforce}=privileged`],
  }));
}

const never = new Set(['kube-system', 'kube-node-lease']);

/** Which pods have no sidecar though they should, and which an old one. */
export function checkPods(facts: Facts): readonly Finding[] {
  if (facts.pods === undefined) return [];
  const inside = meshNamespaces(facts);
  const pods = facts.pods
    .map(readPod)
    .filter((pod) => !pod.isFinished && !never.has(pod.namespace) && pod.namespace !== facts.namespace);
  const wanted = pods.filter(
    ({ namespace, label, isLeftOut }) =>
      !isLeftOut && (label === 'enabled' || (inside.has(namespace) && label === undefined)),
  );
  const has = pods.filter(({ sidecarImage: image }) => image !== undefined);
  const without = wanted.filter(({ sidecarImage: image }) => image === undefined);
  const image = sidecarImage(facts);
  const old = image === undefined ? [] : has.filter((pod) => pod.sidecarImage !== image);
  const left = pods.filter(({ namespace, isLeftOut }) => isLeftOut && inside.has(namespace));
  return [
    without.length === 0
      ? good('pods', `${count(has.length, 'pod')} with a sidecar`)
      : {
          check: 'pods',
          level: 'warning',
          what: `${count(without.length, 'pod')} without a sidecar: ${namesOf(without)}`,
          why: 'older than the label, or made while no webhook was asked; what they call takes no route',
          mend: restartCommands(without),
        },
    ...(old.length === 0
      ? []
      : [
          {
            check: 'sidecars',
            level: 'warning' as const,
            what: `${count(old.length, 'pod')} with another sidecar than new pods get: ${namesOf(old)}`,
            why: `new ones get ${image ?? ''}; ${versionsOf(old)}; they are served, but not with what they cannot read`,
            mend: restartCommands(old),
          },
        ]),
    ...(left.length === 0
      ? []
      : [
          {
            check: 'pods',
            level: 'warning' as const,
            what: `${count(left.length, 'pod')} that cannot have a sidecar: ${namesOf(left)}`,
            why: "they have the node's network, stand in a file of their node, or are for Windows",
            mend: [`label them ${injectLabel}=disabled, or take hostNetwork away`],
          },
        ]),
  ];
}

function namesOf(pods: readonly MeshPod[]): string {
  return some(pods.map(({ namespace, name }) => `${namespace}/${name}`).toSorted());
}

function versionsOf(pods: readonly MeshPod[]): string {
  const images = [...new Set(pods.map(({ sidecarImage: image }) => image ?? ''))].toSorted();
  return `${images.length === 1 ? 'these have' : 'among these are'} ${some(images)}`;
}

/** Above it, the variables that the kubelet makes for each Service take megabytes and seconds of every container's start. */
const manyServices = 500;

/** Whether pods are given variables for very many Services. */
export function checkServiceLinks(facts: Facts): readonly Finding[] {
  const { services, pods } = facts;
  if (services === undefined || pods === undefined) return [];
  const inside = meshNamespaces(facts);
  const counts = new Map<string, number>();
  for (const service of services) {
    const name = textOf(fieldsOf(service['metadata']), 'namespace') ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const linked = pods.filter((pod) => fieldsOf(pod['spec'])['enableServiceLinks'] !== false).map(readPod);
  return [...inside].toSorted().flatMap((name): readonly Finding[] => {
    const number = counts.get(name) ?? 0;
    const own = linked.filter((pod) => pod.namespace === name && !pod.isFinished);
    if (number <= manyServices || own.length === 0) return [];
    return [
      {
        check: 'service links',
        level: 'warning',
        what: `${name} has ${number} Services, and ${count(own.length, 'pod')} with variables for each of them`,
        why: 'each container of theirs, the sidecar too, starts slower by that and takes more memory',
        mend: [`set enableServiceLinks: false in the pods' templates: ${namesOf(own)}`],
      },
    ];
  });
}
