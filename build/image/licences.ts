import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** An npm package that went into the bundles. `licence` is an SPDX expression, `text` its licence files. */
export type BundledPackage = {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
};

/** What node_modules says of these packages, sorted by name. */
export async function readPackages(root: string, names: readonly string[]): Promise<BundledPackage[]> {
  const packages: BundledPackage[] = [];
  for (const name of [...new Set(names)].sort()) {
    const folder = path.join(root, 'node_modules', name);
    const { version, license = 'unknown' } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
      readonly version: string;
      readonly license?: string;
    };
    const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
    const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
    packages.push({ name, version, licence: license, text: texts.join('\n').trim() });
  }
  return packages;
}

/** The licences of all packages as one text. */
export function thirdPartyLicences(packages: readonly BundledPackage[]): string {
  return packages
    .map(({ name, version, licence, text }) => `=== ${name} ${version} (${licence})\n\n${text}\n`)
    .join('\n');
}

/** The packages as CycloneDX 1.5, the form in which scanners learn what a bundle was made of. */
export function billOfMaterials(packages: readonly BundledPackage[]): string {
  const components = packages.map(({ name, version, licence }) => ({
    type: 'library',
    name,
    version,
    licenses: [{ expression: licence }],
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  }));
  return `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components }, undefined, 1)}\n`;
}
