import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { leanPlugins } from './lean.ts';

const root = path.resolve(import.meta.dirname, '..');
const programs = { sidecar: 'sidecar/main.ts', agent: 'agent/main.ts', init: 'sidecar/intercept/init.ts' };

// `node build/bundle.ts` writes dist/ and prints the sizes.
if (import.meta.main) {
  const sizes = await bundle(path.join(root, 'dist'));
  for (const [name, bytes] of sizes) console.log(`${name.padEnd(14)}${(bytes / 1024).toFixed(0).padStart(6)} KiB`);
}

/**
 * Writes one minified ES module per program with its source map, and koffi's native addon beside them.
 * Gives each program's size in bytes.
 */
export async function bundle(outdir: string): Promise<(readonly [name: string, bytes: number])[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: programs,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: 'linked',
    platform: 'node',
    format: 'esm',
    target: 'node26',
    legalComments: 'none',
    metafile: true,
    plugins: leanPlugins,
    // What is CommonJS inside goes on to call require.
    banner: {
      js: "import{createRequire as heddleRequire}from'node:module';const require=heddleRequire(import.meta.url);",
    },
  });
  await copyKoffi(path.join(outdir, 'koffi'));
  return Object.entries(metafile.outputs)
    .filter(([file]) => file.endsWith('.mjs'))
    .map(([file, { bytes }]) => [path.basename(file), bytes]);
}

/** The addon of each C library that npm installed for this machine, as <libc>_<arch>.node. */
async function copyKoffi(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const packages = path.join(root, 'node_modules/@koromix');
  for (const name of await readdir(packages)) {
    for (const folder of await readdir(path.join(packages, name))) {
      const addon = path.join(packages, name, folder, 'koffi.node');
      if ((await stat(addon).catch(() => undefined)) === undefined) continue;
      await cp(addon, path.join(target, `${folder}.node`));
    }
  }
}
