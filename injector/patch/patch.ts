import { createHash } from 'node:crypto';
import { initName, sidecarName } from '../../contract/containers.ts';
import { injectedAnnotation, revisionAnnotation, sidecarLabel, sidecarLabelValue } from '../../contract/labels.ts';
import { trustVolume } from '../../contract/trustVolume.ts';
import { podVariables } from '../../contract/variables.ts';
import { isObject, type JsonObject, objectsOf } from '../../runtime/json.ts';
import { readWishes } from './annotations.ts';
import { initContainer, type Injection, needsAgentIp, sidecarContainer } from './containers.ts';
import { covers } from './covers.ts';
import { giveFrom, type NamespaceSays } from './given.ts';
import { type Operation, pointer } from './operation.ts';
import type { Pod } from './pod.ts';
import { markProbes } from './probeToken.ts';
import { rewriteProbes } from './probes.ts';
import { readResources } from './resources.ts';
import { trustVolumeSpec } from './volume.ts';

/** What differs between two admissions of one pod. */
export type Moment = {
  /** The address of the agents' Service, if it has one yet. */
  readonly agentIp: string | undefined;
  /** A fresh secret, for the pod's probes. */
  readonly probeToken: string;
  /** What the pod's namespace says; undefined when it could not be read. */
  readonly namespace: NamespaceSays | undefined;
};

export type Patch =
  | { readonly ok: true; readonly operations: readonly Operation[]; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly message: string };

/**
 * The JSON patch that makes a pod part of the mesh; no operations for one that is already. What an earlier injection
 * left is brought to the present state in place, what other webhooks added to it stays.
 */
export function patchPod(pod: Pod, settings: Injection, { agentIp, probeToken, namespace }: Moment): Patch {
  const give = giveFrom(pod, namespace);
  const read = readWishes(give);
  if (!read.ok) return read;
  const budget = readResources(pod, give, settings.resources);
  if (!budget.ok) return budget;
  const { wishes } = read;
  const injection = { ...settings, resources: budget.resources };
  const probes = rewriteProbes(pod, wishes.skipInboundPorts);
  const init = initContainer(injection, wishes);
  const marked = markProbes(pod, wishes.skipInboundPorts, probeToken);
  const sidecar = sidecarContainer({ injection, wishes, pod, probePorts: probes.ports, agentIp });
  const volume = trustVolumeSpec();
  const marks = {
    [injectedAnnotation]: injection.version,
    [revisionAnnotation]: revisionOf([init, sidecar, volume]),
  };
  return {
    ok: true,
    warnings: [
      ...probes.warnings,
      ...(needsAgentIp(pod) && agentIp === undefined
        ? ["dnsPolicy: this pod cannot resolve the agent's name, and the agent's Service has no address yet"]
        : []),
    ],
    operations: [
      // Probes first: their paths count init containers as they were sent.
      ...probes.operations,
      ...marked.operations,
      ...mark(pod, 'labels', { [sidecarLabel]: sidecarLabelValue }),
      ...mark(pod, 'annotations', marks),
      // What another configuration gave is replaced whole, the same one is only completed.
      ...placeFirst(
        pod,
        [init, withToken(sidecar, marked.token)],
        covers(pod.annotations, marks) ? pod.initContainers : [],
      ),
      ...placeVolume(pod, volume),
    ],
  };
}

/** After the revision, which says what kind of sidecar it is: the token is another for each pod. */
function withToken(sidecar: JsonObject, token: string | undefined): JsonObject {
  if (token === undefined) return sidecar;
  return { ...sidecar, env: [...objectsOf(sidecar['env']), { name: podVariables.probeToken, value: token }] };
}

/** Which sidecar a pod has, in twelve hexadecimal digits. */
function revisionOf(added: readonly JsonObject[]): string {
  return createHash('sha256').update(JSON.stringify(added)).digest('hex').slice(0, 12);
}

function mark(pod: Pod, place: 'labels' | 'annotations', marks: Readonly<Record<string, string>>): Operation[] {
  if (covers(pod[place], marks)) return [];
  if (!isObject(pod.metadata[place])) return [{ op: 'add', path: pointer('metadata', place), value: marks }];
  return Object.entries(marks).map(([name, value]) => {
    return { op: 'add', path: pointer('metadata', place, name), value };
  });
}

/** First in the list, so that init containers which need the network find a sidecar that works. */
function placeFirst(
  { spec, initContainers }: Pod,
  ours: readonly JsonObject[],
  reusable: readonly JsonObject[],
): Operation[] {
  const path = pointer('spec', 'initContainers');
  const others = initContainers.filter(({ name }) => name !== initName && name !== sidecarName);
  const placed = ours.map((container) => reusable.find((current) => covers(current, container)) ?? container);
  const wanted = [...placed, ...others];
  if (wanted.length === initContainers.length && wanted.every((container, at) => container === initContainers[at])) {
    return [];
  }
  if (!Array.isArray(spec['initContainers'])) return [{ op: 'add', path, value: wanted }];
  if (others.length !== initContainers.length) return [{ op: 'replace', path, value: wanted }];
  return ours.map((value, at) => ({ op: 'add', path: `${path}/${at}`, value }));
}

function placeVolume({ spec, volumes }: Pod, volume: JsonObject): Operation[] {
  const path = pointer('spec', 'volumes');
  if (!Array.isArray(spec['volumes'])) return [{ op: 'add', path, value: [volume] }];
  const at = volumes.findIndex(({ name }) => name === trustVolume);
  if (at === -1) return [{ op: 'add', path: `${path}/-`, value: volume }];
  return covers(volumes[at], volume) ? [] : [{ op: 'replace', path: `${path}/${at}`, value: volume }];
}
