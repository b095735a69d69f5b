import type { Plugin } from 'esbuild';
import { readManifestFiles } from '../commands/install/manifestFiles.ts';

/** Has the bundled command carry the manifests, which it reads from the repository otherwise. */
export const manifestsInside: Plugin = {
  name: 'manifests-inside',
  setup(build) {
    build.onLoad({ filter: /\/commands\/install\/manifestFiles\.ts$/ }, () => ({
      contents: `export const readManifestFiles = () => new Map(${JSON.stringify([...readManifestFiles()])});`,
      loader: 'js',
    }));
  },
};
