import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** What the image is made of: each kind of file with its bytes, the largest first. */
export async function sizesByKind(folders: readonly string[]): Promise<[kind: string, bytes: number][]> {
  const sizes = new Map<string, number>();
  for (const folder of folders) {
    for (const [file, bytes] of await filesBelow(folder, '')) {
      const kind = kinds.find(([, pattern]) => pattern.test(file))?.[0] ?? 'other';
      sizes.set(kind, (sizes.get(kind) ?? 0) + bytes);
    }
  }
  return [...sizes].sort(([, a], [, b]) => b - a);
}

/** Regular files with their sizes; unlike a recursive readdir this does not follow links to folders. */
async function filesBelow(folder: string, prefix: string): Promise<(readonly [file: string, bytes: number])[]> {
  const found: (readonly [string, number])[] = [];
  for (const entry of await readdir(path.join(folder, prefix), { withFileTypes: true })) {
    const file = path.join(prefix, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, file)));
    else if (entry.isFile()) found.push([file, (await lstat(path.join(folder, file))).size]);
  }
  return found;
}

const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['Node', /^usr\/local\/bin\/node$/],
  ['Heddle: programs', /^usr\/local\/lib\/heddle\/.*\.mjs$/],
  ['Heddle: koffi addon', /^usr\/local\/lib\/heddle\/koffi\//],
  ['licences, package records', /\/share\/|^var\/lib\/dpkg\//],
  [
    'iptables, ip and their libraries',
    /^usr\/s?bin\/|\/xtables\/|\/lib(?:xtables|ip[46]tc|mnl|nftnl|bpf|elf|z|bsd|md|cap)[.-]/,
  ],
  ['C and C++ libraries', /^usr\/lib(?:64)?\/.*(?:\.so|ld-linux)/],
];
