import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { imageNames } from '../build/images.ts';
import { type KubernetesObject, apply, kubectl, tryKubectl, waitFor } from '../kubectl.ts';
import { waitUntil } from '../process/progress.ts';

/** Labels of a namespace whose pods get sidecars. */
export const injected = { 'heddle.dev/inject': 'enabled' } as const;

/** Makes a namespace of its own for a file of tests, with another name each time; give it to `removeNamespaces`. */
export async function makeNamespace(
  name: string,
  labels: Readonly<Record<string, string>> = injected,
): Promise<string> {
  const namespace = `pods-${name}-${randomBytes(3).toString('hex')}`;
  await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }]);
  // Pods cannot be made before.
  await waitFor(namespace, 'serviceaccount/default', 'create');
  return namespace;
}

/** Begins to delete namespaces, for teardown. */
export async function removeNamespaces(...namespaces: readonly string[]): Promise<void> {
  await tryKubectl('delete', 'namespace', ...namespaces, '--wait=false', '--ignore-not-found');
}

/** Parts of a pod; what is left out has the usual value. */
export type PodParts = {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly container?: object;
};

/** What the container `app` is where nothing else is said: it serves HTTP on 8080 and is ready when it does. */
export const serving = {
  args: ['serve', '--http', '8080'],
  readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
} as const;

/** The spec of a pod with one container of the test application, `app`: it serves HTTP on 8080, unless told otherwise. */
export function podTemplate(name: string, { labels, annotations, spec, container }: PodParts = {}) {
  return {
    metadata: { labels: { app: name, ...labels }, annotations: { ...annotations } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: imageNames.testApp, ...(container ?? serving) }],
      ...spec,
    },
  };
}

/** A pod by itself. */
export function pod(namespace: string, name: string, parts: PodParts = {}): KubernetesObject {
  const { metadata, spec } = podTemplate(name, parts);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, namespace }, spec };
}

/** A Deployment of such pods. */
export function deployment(namespace: string, name: string, parts: PodParts = {}, replicas = 1): KubernetesObject {
  const template = podTemplate(name, parts);
  const spec = { replicas, selector: { matchLabels: { app: name } }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec };
}

/** A Service of the pods that are called like it; each port leads to a port of the pod: `{80: 8080}`. */
export function service(
  namespace: string,
  name: string,
  ports: Readonly<Record<number, number>> = { 80: 8080 },
  spec: object = {},
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      selector: { app: name },
      ports: Object.entries(ports).map(([port, targetPort]) => {
        return { name: `p${port}`, port: Number(port), targetPort };
      }),
      ...spec,
    },
  };
}

/** Waits until pods are ready. */
export async function ready(namespace: string, ...pods: readonly string[]): Promise<void> {
  await Promise.all(pods.map((name) => waitFor(namespace, `pod/${name}`, 'condition=Ready', 60_000)));
}

/** What the test application saw of a request. */
export type Seen = {
  readonly pod: string;
  readonly path: string;
  readonly from: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The variable TEXT of its environment. */
  readonly text?: string;
};

/** Asks an address from the container `app` of a pod; gives what the answering application saw. */
export async function ask(namespace: string, from: string, url: string): Promise<Seen> {
  return JSON.parse(await inApp(namespace, from, ['curl', '-sS', '--fail', '-m', '10', url])) as Seen;
}

/** Waits until an address answers a pod: a pod that is ready becomes an endpoint a moment later. */
export async function answers(namespace: string, from: string, url: string): Promise<void> {
  await waitUntil(`an answer of ${url} to ${namespace}/${from}`, 20_000, async () => {
    const command = ['curl', '-sS', '--fail', '-m', '5', url];
    return (await tryKubectl('-n', namespace, 'exec', from, '-c', 'app', '--', ...command)).ok;
  });
}

/** Runs a command in the container `app` of a pod; gives what it prints. */
export function inApp(namespace: string, name: string, command: readonly string[]): Promise<string> {
  return kubectl('-n', namespace, 'exec', name, '-c', 'app', '--', ...command);
}

/** A line that the sidecar wrote. */
export type Line = { readonly message: string; readonly [field: string]: unknown };

/** All lines of a pod's sidecar, or of another container that writes JSON. */
export async function linesOf(namespace: string, name: string, container = 'heddle-sidecar'): Promise<Line[]> {
  const text = await kubectl('-n', namespace, 'logs', name, '-c', container);
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Waits until the sidecar has written a line with these fields; gives all lines until then. */
export async function awaitLine(namespace: string, name: string, fields: object): Promise<readonly Line[]> {
  let lines: Line[] = [];
  const wanted = Object.entries(fields);
  await waitUntil(`a line ${JSON.stringify(fields)} of ${namespace}/${name}`, 15_000, async () => {
    lines = await linesOf(namespace, name);
    return lines.some((line) => wanted.every(([key, value]) => line[key] === value));
  });
  return lines;
}

/** A namespace of one test, which goes when that test ends. */
export async function ownNamespace(t: ExecutionContext, name: string, labels?: Readonly<Record<string, string>>) {
  const namespace = await makeNamespace(name, labels);
  t.teardown(() => removeNamespaces(namespace));
  return namespace;
}
