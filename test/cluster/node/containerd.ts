import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageNames } from '../build/images.ts';
import { type NodePlan, stateFolder } from '../names.ts';
import { startAndWait } from '../process/component.ts';
import { run, tryRun } from '../process/run.ts';

/** Starts the node's own containerd; nothing of a containerd of the machine is touched or used. */
export async function startContainerd(node: NodePlan): Promise<void> {
  const networks = join(node.folder, 'networks');
  await mkdir(networks, { recursive: true });
  await mkdir(node.runFolder, { recursive: true });
  await writeFile(join(networks, '10-pods.conflist'), JSON.stringify(podNetwork(node)));
  const config = join(node.folder, 'containerd.toml');
  await writeFile(config, configuration(node, networks));
  const component = {
    name: `containerd-${node.name}`,
    folder: stateFolder,
    network: node.networkNamespace,
    command: ['containerd', '--config', config],
  };
  await startAndWait(component, 60_000, async () => (await tryRun([...ctr(node), 'version'])).ok);
}

/** Makes the image of a tar known to the node. */
export async function importImage(node: NodePlan, tar: string): Promise<void> {
  await run([...ctr(node), 'images', 'import', tar]);
}

/** The command line of containerd's client for the node. */
export function ctr(node: NodePlan): string[] {
  return ['ctr', '--address', node.socket, '--namespace', 'k8s.io'];
}

/** A cable per pod, and a route to it: no bridge, so that packets between two pods always pass the node's rules. */
function podNetwork(node: NodePlan): object {
  return {
    cniVersion: '1.0.0',
    name: node.networkNamespace,
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: join(node.folder, 'addresses'),
          ranges: [[{ subnet: node.pods[4] }], [{ subnet: node.pods[6] }]],
          routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

/** Mounts of namespaces stand below the node's own folder, and no AppArmor profile is put into the kernel. */
function configuration(node: NodePlan, networks: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${join(node.folder, 'containerd')}"
state = "${join(node.runFolder, 'containerd')}"
oom_score = 0
disabled_plugins = [
  "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"
]
[grpc]
address = "${node.socket}"
[${cri}]
sandbox_image = "${imageNames.pause}"
restrict_oom_score_adj = true
disable_apparmor = true
netns_mounts_under_state_dir = true
[${cri}.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${networks}"
[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
SystemdCgroup = false
`;
}
