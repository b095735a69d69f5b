import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ControlPlane, apiServerUrl } from '../control/controlPlane.ts';
import { writeKubeconfig } from '../control/pki.ts';
import { type NodePlan, network, stateFolder } from '../names.ts';
import { start } from '../process/component.ts';

/** Starts the node's kube-proxy with the nftables mode, within the node's network namespace only. */
export async function startKubeProxy(plane: ControlPlane, node: NodePlan): Promise<void> {
  const name = `kube-proxy-${node.name}`;
  await plane.pki.issue(name, { user: 'system:kube-proxy' });
  const kubeconfig = await writeKubeconfig(plane.pki, name, apiServerUrl(plane));
  const config = join(node.folder, 'kube-proxy.json');
  await writeFile(
    config,
    JSON.stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'nftables',
      nftables: { minSyncPeriod: '0s', syncPeriod: '30s' },
      clusterCIDR: network.pods,
      hostnameOverride: node.name,
      clientConnection: { kubeconfig },
      // The kernel's table of connections belongs to the whole machine.
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
      metricsBindAddress: '127.0.0.1:10249',
      healthzBindAddress: '127.0.0.1:10256',
      nodePortAddresses: ['primary'],
    }),
  );
  await start({
    name,
    folder: stateFolder,
    network: node.networkNamespace,
    command: [join(plane.binaries.kubernetes, 'kube-proxy'), `--config=${config}`],
  });
}
