import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ControlPlane, apiServerUrl } from '../control/controlPlane.ts';
import { writeKubeconfig } from '../control/pki.ts';
import { type NodePlan, network, stateFolder } from '../names.ts';
import { start } from '../process/component.ts';

/** Starts the node's kubelet, which knows its users by certificate or token, as in a cluster of the world. */
export async function startKubelet(plane: ControlPlane, node: NodePlan): Promise<void> {
  const { pki, binaries } = plane;
  const name = `kubelet-${node.name}`;
  const addresses = [node.addresses[4], node.addresses[6]];
  await pki.issue(name, {
    user: `system:node:${node.name}`,
    group: 'system:nodes',
    serves: [{ type: 'dns', value: node.name }, ...addresses.map((value) => ({ type: 'ip', value }) as const)],
  });
  const kubeconfig = await writeKubeconfig(pki, name, apiServerUrl(plane));
  await mkdir(join(node.folder, 'kubelet'), { recursive: true });
  const resolvers = join(node.folder, 'resolv.conf');
  await writeFile(resolvers, 'nameserver 127.0.0.1\n');
  const config = join(node.folder, 'kubelet.json');
  const own = { tlsCertFile: pki.file(`${name}.crt`), tlsPrivateKeyFile: pki.file(`${name}.key`) };
  await writeFile(
    config,
    JSON.stringify({ ...configuration(node), ...own, resolvConf: resolvers, ...access(pki.file('ca.crt')) }),
  );
  await start({
    name,
    folder: stateFolder,
    network: node.networkNamespace,
    command: [
      join(binaries.kubernetes, 'kubelet'),
      `--config=${config}`,
      `--kubeconfig=${kubeconfig}`,
      `--root-dir=${join(node.folder, 'kubelet')}`,
      `--cert-dir=${join(node.folder, 'kubelet')}`,
      `--hostname-override=${node.name}`,
      `--node-ip=${addresses.join(',')}`,
    ],
  });
}

function access(clientCAFile: string): object {
  return {
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile } },
    authorization: { mode: 'Webhook' },
  };
}

function configuration(node: NodePlan): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.addresses[4],
    containerRuntimeEndpoint: `unix://${node.socket}`,
    clusterDNS: [network.dns],
    clusterDomain: 'cluster.local',
    // Test machines may still have cgroup version 1.
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${node.cgroup}`,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    maxPods: 200,
    readOnlyPort: 0,
    // How late a pod sees a changed Secret or ConfigMap; a minute otherwise, for which tests would wait.
    syncFrequency: '10s',
    // All that would stand in folders of the machine stands in the node's own.
    podLogsDir: join(stateFolder, 'logs', `pods-${node.name}`),
    volumePluginDir: join(node.folder, 'volumePlugins'),
  };
}
