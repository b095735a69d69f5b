import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageNames } from '../build/images.ts';
import type { KubernetesObject } from '../kubectl.ts';

/** A namespace whose pods get sidecars. */
export function namespace(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'heddle.dev/inject': 'enabled' } } };
}

export type AppParts = {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  /** How long it still serves after it was told to end; 0: it exits at once, whatever is under way. */
  readonly preStopSeconds: number;
};

/** The test application as a Deployment spread over both nodes, answering with its name, and its Service on port 80. */
export function app({ namespace: where, name, replicas, preStopSeconds }: AppParts): readonly KubernetesObject[] {
  const labels = { app: name };
  const metadata = { namespace: where, name };
  const container = {
    name: 'app',
    image: imageNames.testApp,
    args: ['serve', '--http', '8080'],
    env: [{ name: 'TEXT', value: name }],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
    ...(preStopSeconds > 0 && { lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } } }),
  };
  const topologySpreadConstraints = [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: labels },
    },
  ];
  const template = { metadata: { labels }, spec: { containers: [container], topologySpreadConstraints } };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas, selector: { matchLabels: labels }, template },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    },
  ];
}

/** A pod that runs a program of `load/programs/` to its end, once, with the words behind it. */
export async function programPod(
  where: { readonly namespace: string; readonly name: string },
  program: 'steady' | 'answers',
  words: readonly string[],
): Promise<readonly KubernetesObject[]> {
  const file = `${program}.ts`;
  const text = await readFile(join(import.meta.dirname, 'programs', file), 'utf8');
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: where, data: { [file]: text } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: where,
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'program',
            image: imageNames.testApp,
            command: ['/usr/local/bin/node', `/programs/${file}`, ...words],
            volumeMounts: [{ name: 'programs', mountPath: '/programs' }],
          },
        ],
        volumes: [{ name: 'programs', configMap: { name: where.name } }],
      },
    },
  ];
}
