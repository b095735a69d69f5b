import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Architecture } from './architecture.ts';
import { cached, cachedFolder } from './cache.ts';
import { emptyFolders, ownFiles, packages, requested, suite, unwantedFiles, wantedFiles } from './contents.ts';
import { takeDebian } from './debian.ts';
import { npmPackage } from './npmPackage.ts';
import { runTool } from './tools.ts';

/**
 * The folder of what all versions of the image share: the C library, iptables, `ip` and Node. It is made once for
 * each recipe; with `refresh: 'now'` again, with the packages that Debian has today.
 */
export async function baseLayer(
  architecture: Architecture,
  { refresh }: { readonly refresh: 'now' | 'never' },
): Promise<string> {
  const node = await npmPackage(`node-linux-${architecture.npm}`);
  const { version } = JSON.parse(await readFile(path.join(node, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const files = [wantedFiles(architecture), unwantedFiles, ownFiles, emptyFolders];
  const recipe = { format: 1, node: version, suite, requested, packages, files };
  const name = `base-${architecture.name}`;
  if (refresh === 'now') await rm(cachedFolder(name, recipe), { recursive: true, force: true });
  return cached(name, recipe, async (target) => {
    await takeDebian(target, architecture);
    await takeNode(target, node, architecture);
    for (const folder of emptyFolders) await mkdir(path.join(target, folder), { recursive: true });
    for (const [file, content] of Object.entries(ownFiles)) {
      await mkdir(path.dirname(path.join(target, file)), { recursive: true });
      await writeFile(path.join(target, file), content);
    }
  });
}

/** Node without its symbols for debuggers, which are a fifth of it, and its licences. */
async function takeNode(target: string, node: string, { triple }: Architecture): Promise<void> {
  const licences = path.join(target, 'usr/local/share/doc/node');
  await mkdir(licences, { recursive: true });
  await copyFile(path.join(node, 'LICENSE'), path.join(licences, 'LICENSE'));
  const programs = path.join(target, 'usr/local/bin');
  await mkdir(programs, { recursive: true });
  await runTool(`${triple}-strip`, [
    '--strip-unneeded',
    '-o',
    path.join(programs, 'node'),
    path.join(node, 'bin/node'),
  ]);
}
