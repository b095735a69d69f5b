import test, { type ExecutionContext } from 'ava';
import { controllerName } from '../../contract/objects.ts';
import { meshesPath } from '../../agent/status/meshObject.ts';
import type { Api } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import { fieldsOf } from '../../runtime/json.ts';
import { installGatewayApi } from './gatewayApi.ts';
import { eventually } from './process/progress.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';
import { type StatusAgent, startStatusAgent } from './statusAgent.ts';
import { createService, readRoute, type Sent, watchApi } from './statusObjects.ts';

// Against a real API server, without nodes: what is written there is what users and the conformance suite read.
// IncompatibleFilters is not among the reasons here: the schema of HTTPRoute refuses such routes first.
export const timing = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryMs: 400 };

let plane: LoneControlPlane;
export let admin: Api;
export const sent: Sent[] = [];

/** Registers the control plane of a test file. */
export function useControlPlane(): void {
  test.serial.before(async () => {
    plane = await startControlPlane();
    await installGatewayApi({ channel: 'experimental', access: plane });
    process.env['KUBECONFIG'] = plane.kubeconfig;
    admin = await connectApi();
    await eventually(
      'XMesh',
      () =>
        admin.request({ path: meshesPath }).then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    await createService(admin, 'web', { ports: [{ name: 'http', port: 80 }] });
  });

  test.after.always(async () => {
    await admin?.close();
    await plane?.close();
  });
}

export const to = (backend: object): object => ({ backendRefs: [backend] });

export const readMesh = async (name: string) => {
  const mesh = fieldsOf(await admin.request({ path: `${meshesPath}/${name}` }).catch(() => undefined));
  const status = fieldsOf(mesh['status']);
  return { mesh, status, condition: fieldsOf((status['conditions'] as unknown[] | undefined)?.[0]) };
};

export const postMesh = (name: string, spec: object) =>
  admin.request({
    method: 'POST',
    path: meshesPath,
    body: { apiVersion: 'gateway.networking.x-k8s.io/v1alpha1', kind: 'XMesh', metadata: { name }, spec },
  });

export async function startAgent(
  t: ExecutionContext,
  name: string,
): Promise<StatusAgent & { readonly gate: { held: boolean } }> {
  const gate = watchApi(await connectApi(), name, sent);
  const agent = await startStatusAgent(gate, name, timing);
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => (ended ??= agent.close());
  const kill = (): Promise<void> => (ended ??= agent.kill());
  t.teardown(close);
  return { ...agent, gate, close, kill };
}

export async function startLeader(t: ExecutionContext, name = 'leader') {
  const agent = await startAgent(t, name);
  await eventually('leading', () => agent.statuses.leading, Boolean, 30_000);
  return agent;
}

/** Status writes of routes since the mark. */
export function routeWrites(since: number): readonly Sent[] {
  return sent.slice(since).filter(({ request }) => request.path.includes('/httproutes/'));
}

export function accepted(name: string, generation = 1) {
  return eventually(
    `status of ${name}`,
    () => readRoute(admin, name),
    ({ parents }) =>
      parents.some(
        (entry) =>
          entry.controllerName === controllerName && entry.conditions[0]?.['observedGeneration'] === generation,
      ),
  );
}
