import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../bundle.ts';
import type { Architecture } from './architecture.ts';
import { billOfMaterials, readPackages, thirdPartyLicences } from './licences.ts';
import { npmPackage } from './npmPackage.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Fills `target` with Heddle's own part of the image: the bundles, the addon they call libc through, licences. */
export async function codeLayer(target: string, architecture: Architecture): Promise<void> {
  const library = path.join(target, 'usr/local/lib/heddle');
  const addons = path.join(library, 'koffi');
  await mkdir(addons, { recursive: true });
  const bundled = await mkdtemp(path.join(tmpdir(), 'heddle-bundle-'));
  try {
    const { packages } = await bundle(bundled, { sourceMap: 'none' });
    for (const file of await readdir(bundled)) {
      if (file.endsWith('.mjs')) await cp(path.join(bundled, file), path.join(library, file));
    }
    await writeNotices(path.join(target, 'usr/local/share/doc/heddle'), packages);
  } finally {
    await rm(bundled, { recursive: true });
  }
  const koffi = await npmPackage(`@koromix/koffi-linux-${architecture.npm}`);
  const addon = `linux_${architecture.npm}`;
  await cp(path.join(koffi, addon, 'koffi.node'), path.join(addons, `${addon}.node`));
  await chmod(path.join(library, 'heddle.mjs'), 0o755);
  const programs = path.join(target, 'usr/local/bin');
  await mkdir(programs, { recursive: true });
  await symlink('../lib/heddle/heddle.mjs', path.join(programs, 'heddle'));
}

async function writeNotices(folder: string, names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  const packages = await readPackages(root, [...names, 'koffi']);
  await writeFile(path.join(folder, 'THIRD-PARTY-LICENSES'), thirdPartyLicences(packages));
  await writeFile(path.join(folder, 'sbom.cdx.json'), billOfMaterials(packages));
}
