import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { leanPlugins } from './lean.ts';

// `node build/bundle.ts` writes dist/: one minified file per program, their source maps, and koffi's native addon.
const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

const result = await build({
  absWorkingDir: root,
  entryPoints: { sidecar: 'sidecar/main.ts', agent: 'agent/main.ts', init: 'sidecar/intercept/init.ts' },
  outdir: dist,
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

await copyKoffi();
for (const [file, { bytes }] of Object.entries(result.metafile.outputs)) {
  if (file.endsWith('.mjs')) console.log(`${file.padEnd(20)}${(bytes / 1024).toFixed(0).padStart(6)} KiB`);
}

/** The addon of each C library that npm installed for this machine, as dist/koffi/<libc>_<arch>.node. */
async function copyKoffi(): Promise<void> {
  const target = path.join(dist, 'koffi');
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
