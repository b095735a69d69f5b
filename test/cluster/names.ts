import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where binaries and image tars are kept between clusters, keyed by what they are made of. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'heddle-test');

/** Everything of the running cluster but its sockets: logs, keys, etcd's data, containers. The next `up` deletes it. */
export const stateFolder = '/tmp/heddle-cluster';

/** Sockets, whose paths must be short, and mounts of containerd. */
export const runFolder = '/run/heddle-cluster';

/** Set in the environment of every process of the cluster: by this it is found again after a crash. */
export const marker = { name: 'HEDDLE_TEST_CLUSTER', value: stateFolder } as const;

/** A node: a network namespace with a kubelet, a containerd and a kube-proxy. Namespace and cgroup are called `heddle-<name>`. */
export type NodePlan = {
  readonly name: string;
  readonly networkNamespace: string;
  readonly addresses: { readonly 4: string; readonly 6: string };
  readonly pods: { readonly 4: string; readonly 6: string };
  readonly cgroup: string;
  readonly folder: string;
  readonly runFolder: string;
  readonly socket: string;
};

export const firstNode = plan('node1', 1);
export const secondNode = plan('node2', 2);
export const nodes = [firstNode, secondNode] as const;

/** The address ranges of the cluster, and where its API server listens: on the first node. */
export const network = {
  pods: '10.91.0.0/16,fd91::/48',
  services: '10.96.0.0/16,fd96::/112',
  firstService: '10.96.0.1',
  dns: '10.96.0.10',
  apiServer: firstNode.addresses[4],
  apiServerPort: 6443,
} as const;

function plan(name: string, number: number): NodePlan {
  return {
    name,
    networkNamespace: `heddle-${name}`,
    addresses: { 4: `10.90.0.${number}`, 6: `fd90::${number}` },
    pods: { 4: `10.91.${number}.0/24`, 6: `fd91:0:0:${number}::/64` },
    cgroup: `heddle-${name}`,
    folder: join(stateFolder, name),
    runFolder: join(runFolder, name),
    socket: join(runFolder, name, 'containerd.sock'),
  };
}
