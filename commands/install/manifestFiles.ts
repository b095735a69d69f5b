import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { textsOf } from '../../runtime/json.ts';

/** The texts of `manifests/default`, by file; the kustomization is `kustomization.yaml`. */
export type ManifestFiles = ReadonlyMap<string, string>;

const folder = path.resolve(import.meta.dirname, '../../manifests/default');

/** The manifests as they stand in the repository. The bundle has them inside (build/manifests.ts). */
export function readManifestFiles(): ManifestFiles {
  const kustomization = read('kustomization.yaml');
  const { resources } = parse(kustomization) as { readonly resources?: unknown };
  return new Map([
    ['kustomization.yaml', kustomization],
    ...textsOf(resources).map((file) => [file, read(file)] as const),
  ]);
}

function read(file: string): string {
  return readFileSync(path.join(folder, file), 'utf8');
}
