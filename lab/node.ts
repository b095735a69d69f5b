import { isIPv6 } from 'node:net';
import { type Access, type NetworkNamespace, openNamespace } from './namespace.ts';
import { type ServicePort, serviceRules } from './services.ts';

/** A pod: a network namespace with its addresses, and the node as its only way out. */
export type Pod = NetworkNamespace & { readonly name: string; readonly addresses: readonly string[] };

/** A Kubernetes node in small: it forwards between its pods and sends ClusterIPs to endpoints, as kube-proxy does. */
export type Node = NetworkNamespace & {
  /** Adds a pod with the given addresses, of either family. */
  addPod(name: string, addresses: readonly string[]): Promise<Pod>;
  /** Sets one port of a Service, replacing what had this name. */
  setService(name: string, service: ServicePort): Promise<void>;
};

/** The node's own addresses, where pods reach programs of the host network such as the agent. */
export const nodeAddresses = { 4: '10.244.0.1', 6: 'fd00:244::1' } as const;

/** The node's end of every pod's cable. */
const gateways = { 4: '169.254.1.1', 6: 'fe80::1' } as const;

/** Opens the node. `label` and the pods' names identify it among other labs on the machine (`findHolder`). */
export async function createNode(access: Access, label: string): Promise<Node> {
  const namespace = await openNamespace(access, `${label}/node`);
  const pods: Pod[] = [];
  const services = new Map<string, ServicePort>();
  const node: Node = {
    ...namespace,
    async addPod(name, addresses) {
      const pod: Pod = {
        ...(await openNamespace(access, `${label}/${name}`, namespace.pid)),
        name,
        addresses,
      };
      pods.push(pod);
      await connect(namespace, pod, `pod${pods.length}`);
      return pod;
    },
    async setService(name, service) {
      services.set(name, service);
      for (const family of [4, 6] as const) {
        const command = [family === 4 ? 'iptables-restore' : 'ip6tables-restore'];
        await must(namespace, command, serviceRules(family, [...services.values()]));
      }
    },
    async close() {
      await Promise.all(pods.map((pod) => pod.close()));
      await namespace.close();
    },
  };
  await must(namespace, ['sh', '-ec', kernelSettings(['ipv4/ip_forward=1', 'ipv6/conf/all/forwarding=1'])]);
  await ipBatch(namespace, [
    'link set lo up',
    `addr add ${nodeAddresses[4]}/32 dev lo`,
    `addr add ${nodeAddresses[6]}/128 dev lo nodad`,
  ]);
  return node;
}

/** A cable (veth) with a route to each address of the pod: packets between pods all pass through the node. */
async function connect(node: NetworkNamespace, pod: Pod, cable: string): Promise<void> {
  await must(pod, ['sh', '-ec', kernelSettings([])]);
  await ipBatch(node, [
    `link add ${cable} type veth peer name eth0 netns ${pod.pid}`,
    `addr add ${gateways[4]}/32 dev ${cable}`,
    `addr add ${gateways[6]}/64 dev ${cable} nodad`,
    `link set ${cable} up`,
  ]);
  await ipBatch(pod, [
    'link set lo up',
    'link set eth0 up',
    ...pod.addresses.map((address) => `addr add ${host(address)} dev eth0 ${isIPv6(address) ? 'nodad' : ''}`),
    `route add ${gateways[4]} dev eth0 scope link`,
    `route add default via ${gateways[4]} dev eth0`,
    `route add default via ${gateways[6]} dev eth0`,
  ]);
  await ipBatch(
    node,
    pod.addresses.map(
      (address) => `route add ${host(address)} dev ${cable} src ${nodeAddresses[isIPv6(address) ? 6 : 4]}`,
    ),
  );
}

function host(address: string): string {
  return `${address}/${isIPv6(address) ? 128 : 32}`;
}

/** Addresses are ours to give, so nothing waits for duplicate address detection. */
function kernelSettings(settings: readonly string[]): string {
  return [...settings, 'ipv6/conf/all/accept_dad=0', 'ipv6/conf/default/accept_dad=0', 'ipv6/conf/all/disable_ipv6=0']
    .map((setting) => setting.split('='))
    .map(([path, value]) => `echo ${value} > /proc/sys/net/${path}`)
    .join('\n');
}

async function ipBatch(namespace: NetworkNamespace, lines: readonly string[]): Promise<void> {
  await must(namespace, ['ip', '-batch', '-'], lines.join('\n'));
}

async function must(namespace: NetworkNamespace, command: readonly string[], input = ''): Promise<void> {
  const { code, stderr } = await namespace.run({ command, input });
  if (code !== 0) throw new Error(`${command.join(' ')} failed in the lab: ${stderr.trim()}`);
}
