import { imageNames } from '../build/images.ts';
import { type KubernetesObject, apply, waitFor, waitForRollout } from '../kubectl.ts';

type Fields = Readonly<Record<string, unknown>>;
type Strings = Readonly<Record<string, string>>;

/** What of a pod differs from the usual one; `spec` and `container` are further fields of these. */
export type PodParts = {
  readonly labels?: Strings;
  readonly annotations?: Strings;
  readonly spec?: Fields;
  readonly container?: Fields;
};

/** What a container does where neither `args` nor `command` says otherwise (test/cluster/apps/main.ts). */
export const serving = {
  args: ['serve', '--http', '8080'],
  readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
} as const;

/** Parts of a pod that serves on so long after it was told to end; with 0 what it is at work on is lost. */
export function servingOn(preStopSeconds: number): PodParts {
  const lifecycle = { preStop: { sleep: { seconds: preStopSeconds } } };
  return {
    spec: { terminationGracePeriodSeconds: 30 },
    container: { ...serving, ...(preStopSeconds > 0 && { lifecycle }) },
  };
}

/** Metadata and spec of a pod with the label `app: <name>` and one container of the test application, `app`. */
export function podTemplate(name: string, { labels, annotations, spec, container = {} }: PodParts = {}) {
  const usual = 'args' in container || 'command' in container ? {} : serving;
  const env = [{ name: 'TEXT', value: name }];
  return {
    metadata: { labels: { app: name, ...labels }, annotations: { ...annotations } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: imageNames.testApp, env, ...usual, ...container }],
      ...spec,
    },
  };
}

/** A pod by itself. */
export function pod(namespace: string, name: string, parts: PodParts = {}): KubernetesObject {
  const { metadata, spec } = podTemplate(name, parts);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, namespace }, spec };
}

/** A pod that does nothing, to send requests from: see call.ts. */
export function client(namespace: string, name = 'client', parts: PodParts = {}): KubernetesObject {
  return pod(namespace, name, { ...parts, container: { args: ['sleep'], ...parts.container } });
}

/** A Deployment of such pods, over both nodes. */
export function deployment(namespace: string, name: string, parts: PodParts = {}, replicas = 1): KubernetesObject {
  const matchLabels = { app: name };
  const spread = { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' };
  const topologySpreadConstraints = [{ ...spread, labelSelector: { matchLabels } }];
  const template = podTemplate(name, { ...parts, spec: { topologySpreadConstraints, ...parts.spec } });
  const spec = { replicas, selector: { matchLabels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec };
}

/** A Service, dual-stack where the cluster is, of port 80 to the pods with `app: <name>` unless its spec says otherwise. */
export function service(
  namespace: string,
  name: string,
  spec: Fields = {},
  annotations: Strings = {},
): KubernetesObject {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  const usual = { ipFamilyPolicy: 'PreferDualStack', selector: { app: name }, ports };
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name, annotations }, spec: { ...usual, ...spec } };
}

/** For the spec of a Service: ports that do not say what they speak, each to one of the pod. IPv4 only. */
export function undeclared(ports: Readonly<Record<number, number>> = { 80: 8080 }) {
  const list = Object.entries(ports).map(([port, targetPort]) => ({
    name: `p${port}`,
    port: Number(port),
    targetPort,
  }));
  return { ipFamilyPolicy: 'SingleStack', ports: list };
}

/** Applies objects and waits until the Pods and workloads among them are ready. */
export async function deploy(objects: readonly KubernetesObject[]): Promise<void> {
  await apply(objects);
  await Promise.all(
    objects.map(async ({ kind, metadata }) => {
      const { namespace, name } = metadata as { readonly namespace: string; readonly name: string };
      if (kind === 'Pod') await waitFor(namespace, `pod/${name}`, 'condition=Ready');
      if (['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind))
        await waitForRollout(namespace, [`${kind}/${name}`]);
    }),
  );
}
