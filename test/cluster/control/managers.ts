import { join } from 'node:path';
import { network, stateFolder, firstNode } from '../names.ts';
import { start } from '../process/component.ts';
import { type ControlPlane, apiServerUrl } from './controlPlane.ts';
import { writeKubeconfig } from './pki.ts';

/** Starts the controller manager and the scheduler beside the API server. */
export async function startManagers(plane: ControlPlane): Promise<void> {
  const { pki, binaries } = plane;
  const manager = await kubeconfigOf(plane, 'kube-controller-manager');
  const scheduler = await kubeconfigOf(plane, 'kube-scheduler');
  const common = ['--leader-elect=false', '--bind-address=127.0.0.1', '--kube-api-qps=200', '--kube-api-burst=400'];
  const own = { folder: stateFolder, network: firstNode.networkNamespace };
  await start({
    ...own,
    name: 'kube-controller-manager',
    command: [
      join(binaries.kubernetes, 'kube-controller-manager'),
      `--kubeconfig=${manager}`,
      `--service-account-private-key-file=${pki.file('sa.key')}`,
      `--root-ca-file=${pki.file('ca.crt')}`,
      `--cluster-signing-cert-file=${pki.file('ca.crt')}`,
      `--cluster-signing-key-file=${pki.file('ca.key')}`,
      `--service-cluster-ip-range=${network.services}`,
      `--cluster-cidr=${network.pods}`,
      // Each node's range is in its own CNI configuration.
      '--allocate-node-cidrs=false',
      '--use-service-account-credentials',
      ...common,
    ],
  });
  await start({
    ...own,
    name: 'kube-scheduler',
    command: [join(binaries.kubernetes, 'kube-scheduler'), `--kubeconfig=${scheduler}`, ...common],
  });
}

async function kubeconfigOf(plane: ControlPlane, name: string): Promise<string> {
  await plane.pki.issue(name, { user: `system:${name}` });
  return writeKubeconfig(plane.pki, name, apiServerUrl(plane));
}
