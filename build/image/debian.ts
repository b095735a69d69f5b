import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Architecture } from './architecture.ts';
import { packages, requested, suite, unwantedFiles, wantedFiles } from './contents.ts';
import { runTool } from './tools.ts';

/** Puts what is wanted of Debian into `target`, with the licences and dpkg's record of these packages. */
export async function takeDebian(target: string, architecture: Architecture): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'heddle-debian-'));
  try {
    const archive = path.join(scratch, 'debian.tar');
    await runTool('mmdebstrap', [
      '--quiet',
      '--variant=extract',
      `--architectures=${architecture.name}`,
      `--include=${requested.join(',')}`,
      '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
      // No dpkg runs, so its record is written from the packages themselves.
      '--extract-hook=for deb in "$1"/var/cache/apt/archives/*.deb; do dpkg-deb --field "$deb"; echo; done > "$1/control"',
      suite,
      archive,
    ]);
    const excluded = unwantedFiles.map((pattern) => `--exclude=${pattern}`);
    const extract = ['-xf', archive, '-C', target, '--no-same-owner', '--wildcards', ...excluded];
    await runTool('tar', [...extract, './control', ...wantedFiles(architecture)]);
  } finally {
    await rm(scratch, { recursive: true });
  }
  await recordPackages(target);
  await linkDefaults(target);
}

/** dpkg's status file, which scanners for vulnerabilities read, for the packages whose files are here. */
async function recordPackages(target: string): Promise<void> {
  const control = path.join(target, 'control');
  const stanzas = (await readFile(control, 'utf8')).split(/\n\n+/);
  await rm(control);
  const records = packages.map((name) => {
    const found = stanzas.find((stanza) => stanza.startsWith(`Package: ${name}\n`));
    if (found === undefined) throw new Error(`${suite} gave no package ${name}: correct build/image/contents.ts`);
    return found.replace('\n', '\nStatus: install ok installed\n');
  });
  const folder = path.join(target, 'var/lib/dpkg');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'status'), `${records.join('\n\n')}\n`);
}

/** The names without -nft or -legacy, which Debian makes when it configures the package. */
async function linkDefaults(target: string): Promise<void> {
  for (const family of ['iptables', 'ip6tables']) {
    for (const kind of ['', '-save', '-restore']) {
      await symlink('xtables-nft-multi', path.join(target, 'usr/sbin', `${family}${kind}`));
    }
  }
}
