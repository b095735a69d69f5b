import { imageNames } from '../build/images.ts';
import { type KubernetesObject, apply, waitFor } from '../kubectl.ts';

type Strings = Readonly<Record<string, string>>;

/** What of a pod differs from the usual one, which serves HTTP on 8080 and has the label `app: <name>`. */
export type AppOptions = {
  /** Of the container; see test/cluster/apps/main.ts. */
  readonly args?: readonly string[];
  /** A program (TypeScript, no imports but Node's) to run instead of the image's: its text. */
  readonly program?: string;
  readonly env?: Strings;
  readonly labels?: Strings;
  readonly annotations?: Strings;
  /** Further fields of the pod's spec, and of its container. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly container?: Readonly<Record<string, unknown>>;
};

/** A pod of the test application. */
export function pod(namespace: string, name: string, options: AppOptions = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Pod', ...withName(namespace, name, template(name, options)) };
}

/** A Service, dual-stack where the cluster is, of port 80 to the pods with `app: <name>` unless its spec says otherwise. */
export function service(
  namespace: string,
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
  annotations: Strings = {},
): KubernetesObject {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  const usual = { ipFamilyPolicy: 'PreferDualStack', selector: { app: name }, ports };
  const metadata = { namespace, name, annotations };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { ...usual, ...spec } };
}

/** Applies objects and waits until the Pods among them are ready. */
export async function deploy(objects: readonly KubernetesObject[]): Promise<void> {
  await apply(objects);
  await Promise.all(
    objects.map(async ({ kind, metadata }) => {
      const { namespace, name } = metadata as { readonly namespace: string; readonly name: string };
      if (kind === 'Pod') await waitFor(namespace, `pod/${name}`, 'condition=Ready', 90_000);
    }),
  );
}

function withName(namespace: string, name: string, { metadata, spec }: ReturnType<typeof template>) {
  return { metadata: { namespace, name, ...metadata }, spec };
}

function template(app: string, options: AppOptions) {
  const { args = ['serve', '--http', '8080'], program, env = {}, labels = {}, annotations = {} } = options;
  const command = ['node', '--input-type=module-typescript', '-e', program];
  const container = {
    name: 'app',
    image: imageNames.testApp,
    ...(program === undefined ? { args } : { command }),
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    ...(program === undefined &&
      args.includes('8080') && { readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 } }),
    ...options.container,
  };
  return {
    metadata: { labels: { app, ...labels }, annotations },
    spec: { terminationGracePeriodSeconds: 1, containers: [container], ...options.spec },
  };
}
