import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { filesBelow } from './filesBelow.ts';

/** What the image is made of: each kind of file with its bytes, the largest first. */
export async function sizesByKind(folders: readonly string[]): Promise<[kind: string, bytes: number][]> {
  const sizes = new Map<string, number>();
  for (const folder of folders) {
    for (const file of await filesBelow(folder)) {
      const bytes = (await lstat(path.join(folder, file))).size;
      const kind = kinds.find(([, pattern]) => pattern.test(file))?.[0] ?? 'other';
      sizes.set(kind, (sizes.get(kind) ?? 0) + bytes);
    }
  }
  return [...sizes].sort(([, a], [, b]) => b - a);
}

const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['Node', /^usr\/local\/bin\/node$/],
  ['Heddle: programs', /^usr\/local\/lib\/heddle\/.*\.mjs$/],
  ['Heddle: koffi addon', /^usr\/local\/lib\/heddle\/koffi\//],
  ['licences, package records', /\/share\/|^var\/lib\/dpkg\//],
  [
    'iptables, ip and their libraries',
    /^usr\/s?bin\/|\/xtables\/|\/lib(?:xtables|ip[46]tc|mnl|nftnl|netfilter_conntrack|nfnetlink|bpf|elf|z|bsd|md|cap)[.-]/,
  ],
  ['C and C++ libraries', /^usr\/lib(?:64)?\/.*(?:\.so|ld-linux)/],
];
