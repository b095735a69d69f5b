import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../freePort.ts';
import { etcdRecipe, kubernetesRecipe } from './build/binaries.ts';
import { obtain } from './build/recipe.ts';
import {
  type ControlPlane,
  apiServerReady,
  apiServerUrl,
  prepare,
  startApiServer,
  startEtcd,
} from './control/controlPlane.ts';
import { createPki } from './control/pki.ts';
import type { Access } from './kubectl.ts';
import { logTail, startAgain, stop } from './process/component.ts';
import { waitUntil } from './process/progress.ts';

/** An etcd and an API server by themselves on loopback: no node, no controller. Objects are real, nothing acts on them. */
export type LoneControlPlane = Access & {
  readonly url: string;
  /** The folder with `ca.crt`, and `admin.crt` and `admin.key` of the administrator. */
  readonly pkiFolder: string;
  stopApiServer(): Promise<void>;
  /** Resolves when it serves again. */
  startApiServer(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Starts one with ports and a folder of its own, ready in some 3 seconds, for tests that need the API alone. It ends
 * with the process, or the test's thread, that started it. Needs no root. Pods can be created without a ServiceAccount;
 * namespaces are never emptied, since no controller runs.
 */
export async function startControlPlane(
  options: { readonly flags?: readonly string[] } = {},
): Promise<LoneControlPlane> {
  const binaries = { kubernetes: await obtain(kubernetesRecipe()), etcd: await obtain(etcdRecipe()) };
  const folder = await mkdtemp(join(tmpdir(), 'heddle-control-plane-'));
  await mkdir(join(folder, 'logs'));
  const plane: ControlPlane = {
    folder,
    pki: await createPki(join(folder, 'pki')),
    binaries,
    address: '127.0.0.1',
    ports: { apiServer: await freePort(), etcd: await freePort(), etcdPeers: await freePort() },
    services: '10.96.0.0/16,fd96::/112',
    prefix: ['setpriv', '--pdeathsig', 'KILL', '--'],
    // Nobody reaches it by its Service, and loopback is no address that could be told to others.
    apiServerFlags: [
      '--endpoint-reconciler-type=none',
      '--disable-admission-plugins=ServiceAccount',
      ...(options.flags ?? []),
    ],
  };
  const kubeconfig = await prepare(plane, []);
  const stopBoth = async (): Promise<void> => {
    for (const name of ['kube-apiserver', 'etcd']) await stop({ name, folder }, 'SIGKILL');
  };
  try {
    await startEtcd(plane);
    await startApiServer(plane);
  } catch (error) {
    await stopBoth();
    throw error;
  }
  return {
    kubectl: join(binaries.kubernetes, 'kubectl'),
    kubeconfig,
    url: apiServerUrl(plane),
    pkiFolder: plane.pki.folder,
    stopApiServer: () => stop({ name: 'kube-apiserver', folder }, 'SIGKILL'),
    async startApiServer() {
      const component = { name: 'kube-apiserver', folder };
      try {
        // It may end while it starts; whoever runs one starts it again then.
        await waitUntil('the API server', 120_000, async () => {
          await startAgain(component);
          return apiServerReady(plane);
        });
      } catch (cause) {
        throw new Error(`${String(cause)}\n${await logTail(component)}`, { cause });
      }
    },
    async close() {
      await stopBoth();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
