import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstNode, nodes, secondNode, stateFolder } from '../names.ts';
import { run } from '../process/run.ts';

/**
 * Makes a network namespace per node, joined by a cable, with routes to each other's pods. Nothing leads out of them.
 * The first node's default route, by which Service addresses leave, must lead somewhere: to its own bridge.
 */
export async function createNetwork(): Promise<void> {
  for (const { networkNamespace } of nodes) {
    await run(['ip', 'netns', 'add', networkNamespace]);
    await run(['sh', '-ec', settings.map(([path, value]) => `echo ${value} > /proc/sys/net/${path}`).join('\n')], {
      network: networkNamespace,
    });
  }
  // The kernel of some test machines has no dummy device: the first node's address sits on a bridge.
  await ipBatch(firstNode.networkNamespace, [
    'link set lo up',
    'link add nodes0 type bridge',
    ...addressesOf(firstNode).map((address) => `addr add ${address} dev nodes0`),
    'link set nodes0 up',
    `link add to-node2 type veth peer name eth0 netns ${secondNode.networkNamespace}`,
    'link set to-node2 master nodes0',
    'link set to-node2 up',
    'route add default dev nodes0',
    '-6 route add default dev nodes0',
    ...routesTo(secondNode),
  ]);
  await ipBatch(secondNode.networkNamespace, [
    'link set lo up',
    ...addressesOf(secondNode).map((address) => `addr add ${address} dev eth0`),
    'link set eth0 up',
    `route add default via ${firstNode.addresses[4]}`,
    `-6 route add default via ${firstNode.addresses[6]}`,
    ...routesTo(firstNode),
  ]);
}

const settings = [
  ['ipv6/conf/all/disable_ipv6', '0'],
  ['ipv4/ip_forward', '1'],
  ['ipv6/conf/all/forwarding', '1'],
  ['ipv6/conf/all/accept_dad', '0'],
  ['ipv6/conf/default/accept_dad', '0'],
] as const;

type Node = (typeof nodes)[number];

function addressesOf({ addresses }: Node): string[] {
  return [`${addresses[4]}/24`, `${addresses[6]}/64 nodad`];
}

function routesTo({ addresses, pods }: Node): string[] {
  return ([4, 6] as const).map((family) => `-${family} route add ${pods[family]} via ${addresses[family]}`);
}

/** `ip -batch` takes no `-4` and `-6` within a line, so each family's lines go by themselves. */
async function ipBatch(networkNamespace: string, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    await run(['ip', '-n', networkNamespace, ...line.split(' ')]);
  }
}

/** The settings of the whole machine that a kubelet changes. */
const kubeletChanges = [
  'vm/overcommit_memory',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];
const savedSettings = join(stateFolder, 'settings.json');

/** Notes the machine's settings that kubelets will change, for `restoreSettings`. */
export async function saveSettings(): Promise<void> {
  const entries = await Promise.all(
    kubeletChanges.map(async (path) => [path, (await readFile(`/proc/sys/${path}`, 'utf8')).trim()] as const),
  );
  await writeFile(savedSettings, JSON.stringify(Object.fromEntries(entries)));
}

/** Puts the machine's settings back, if any were noted. */
export async function restoreSettings(): Promise<void> {
  const saved = await readFile(savedSettings, 'utf8').catch(() => '{}');
  for (const [path, value] of Object.entries(JSON.parse(saved) as Record<string, string>)) {
    await writeFile(`/proc/sys/${path}`, value).catch(() => {});
  }
}
