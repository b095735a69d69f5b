import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NodePlan, firstNode, nodes, secondNode, stateFolder } from '../names.ts';
import { run } from '../process/run.ts';

/**
 * Makes a network namespace per node, joined by a cable, with routes to each other's pods. Nothing leads out of them:
 * the first node's default route, by which packets to Service addresses set out, ends at the cable. A bridge instead of
 * the cable would drop what a node sends to itself by the other node's NodePort.
 */
export async function createNetwork(): Promise<void> {
  for (const { networkNamespace } of nodes) {
    await run(['ip', 'netns', 'add', networkNamespace]);
    await run(['sh', '-ec', settings.map(([path, value]) => `echo ${value} > /proc/sys/net/${path}`).join('\n')], {
      network: networkNamespace,
    });
  }
  const [first, second] = [firstNode.networkNamespace, secondNode.networkNamespace];
  await run(['ip', '-n', first, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', second]);
  for (const { networkNamespace, addresses } of nodes) {
    await ip(networkNamespace, [
      'link set lo up',
      `addr add ${addresses[4]}/24 dev eth0`,
      `addr add ${addresses[6]}/64 dev eth0 nodad`,
      'link set eth0 up',
    ]);
  }
  await ip(first, ['route add default dev eth0', '-6 route add default dev eth0', ...routesTo(secondNode)]);
  const back = ([4, 6] as const).map((family) => `-${family} route add default via ${firstNode.addresses[family]}`);
  await ip(second, [...back, ...routesTo(firstNode)]);
}

const settings = [
  ['ipv6/conf/all/disable_ipv6', '0'],
  ['ipv4/ip_forward', '1'],
  ['ipv6/conf/all/forwarding', '1'],
  ['ipv6/conf/all/accept_dad', '0'],
  ['ipv6/conf/default/accept_dad', '0'],
] as const;

function routesTo({ addresses, pods }: NodePlan): string[] {
  return ([4, 6] as const).map((family) => `-${family} route add ${pods[family]} via ${addresses[family]}`);
}

async function ip(networkNamespace: string, lines: readonly string[]): Promise<void> {
  for (const line of lines) await run(['ip', '-n', networkNamespace, ...line.split(' ')]);
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
