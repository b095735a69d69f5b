import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';
import type { Api } from '../../../kubernetes/api.ts';
import { connectApi } from '../../../kubernetes/connect.ts';
import { freePort } from '../../freePort.ts';
import { waitUntil } from '../process/progress.ts';
import { type LoneControlPlane, startControlPlane } from '../startControlPlane.ts';

const main = path.join(import.meta.dirname, '../../../injector/main.ts');

export type Replica = {
  readonly port: number;
  readonly output: () => string;
  readonly end: (signal: 'SIGTERM') => Promise<number>;
};

/**
 * A real API server with two injectors on loopback, each behind a webhook of its own: so every pod is reviewed by both,
 * and again when one changed what the other had done.
 */
export async function startInjectors(
  t: ExecutionContext,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly plane: LoneControlPlane; readonly api: Api; readonly replicas: readonly Replica[] }> {
  const plane = await startControlPlane();
  t.teardown(() => plane.close());
  process.env['KUBECONFIG'] = plane.kubeconfig;
  const api = await connectApi();
  t.teardown(() => api.close());
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const;
  await makeObjects(api, [ports[0], ports[1]]);
  // Both at once: they race for the first CA.
  const replicas = [
    startReplica(t, { webhook: ports[0], ready: ports[2] }, { KUBECONFIG: plane.kubeconfig, ...env }),
    startReplica(t, { webhook: ports[1], ready: ports[3] }, { KUBECONFIG: plane.kubeconfig, ...env }),
  ];
  for (const port of [ports[2], ports[3]]) {
    await waitUntil(`readiness at ${port}`, 60_000, async () => {
      const response = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
      return response?.status === 200;
    });
  }
  return { plane, api, replicas };
}

async function makeObjects(api: Api, ports: readonly number[]): Promise<void> {
  for (const [name, labels] of [
    ['heddle-system', {}],
    ['shop', { 'heddle.dev/inject': 'enabled' }],
    ['plain', {}],
    ['third', {}],
  ]) {
    await api.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name, labels } } });
  }
  const services = '/api/v1/namespaces/heddle-system/services';
  const injector = { metadata: { name: 'heddle-injector' }, spec: { type: 'ExternalName', externalName: 'localhost' } };
  const agent = { metadata: { name: 'heddle-agent' }, spec: { clusterIP: '10.96.0.77', ports: [{ port: 15_010 }] } };
  await api.request({ method: 'POST', path: services, body: injector });
  await api.request({ method: 'POST', path: services, body: agent });
  await api.request({
    method: 'POST',
    path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    body: { metadata: { name: 'heddle-injector' }, webhooks: ports.map((port) => webhook(port)) },
  });
}

function webhook(port: number) {
  return {
    name: `port-${port}.heddle.dev`,
    admissionReviewVersions: ['v1'],
    sideEffects: 'NoneOnDryRun',
    reinvocationPolicy: 'IfNeeded',
    failurePolicy: 'Fail',
    clientConfig: { service: { namespace: 'heddle-system', name: 'heddle-injector', path: '/mutate', port } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop', 'plain', 'third'] }],
    },
  };
}

function startReplica(
  t: ExecutionContext,
  ports: { readonly webhook: number; readonly ready: number },
  env: Readonly<Record<string, string>>,
): Replica {
  const child = execa(process.execPath, [main], {
    env: {
      HEDDLE_IMAGE: 'heddle:9.9.9',
      // Says also which pods were found unchanged.
      HEDDLE_LOG_LEVEL: 'debug',
      HEDDLE_WEBHOOK_PORT: String(ports.webhook),
      HEDDLE_READY_PORT: String(ports.ready),
      ...env,
    },
    reject: false,
    buffer: false,
    // Its grace time is as long as execa's patience.
    forceKillAfterDelay: 20_000,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  t.teardown(async () => {
    if (!t.passed) t.log(output.slice(-6000));
    child.kill('SIGKILL');
    await child;
  });
  return {
    port: ports.webhook,
    output: () => output,
    async end(signal) {
      child.kill(signal);
      return (await child).exitCode ?? -1;
    },
  };
}
