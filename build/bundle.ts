import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import type { RoleName } from '../contract/roles.ts';
import { leanPlugins } from './lean.ts';
import { manifestsInside } from './manifests.ts';

const root = path.resolve(import.meta.dirname, '..');
const programs = {
  heddle: 'cli/heddle.ts',
  commands: 'commands/main.ts',
  init: 'sidecar/intercept/init.ts',
  sidecar: 'sidecar/main.ts',
  agent: 'agent/main.ts',
  injector: 'injector/main.ts',
} satisfies Record<'heddle' | 'commands' | RoleName, string>;

// `node build/bundle.ts` writes dist/ and prints the sizes.
if (import.meta.main) {
  const { sizes } = await bundle(path.join(root, 'dist'));
  for (const [name, bytes] of sizes) console.log(`${name.padEnd(14)}${(bytes / 1024).toFixed(0).padStart(6)} KiB`);
}

/** What was written: each program's size, and the npm packages that they are made of. */
type Bundled = {
  readonly sizes: readonly (readonly [name: string, bytes: number])[];
  readonly packages: readonly string[];
};

/** Writes one minified ES module per program, with its source map or none, and koffi's native addon beside them. */
export async function bundle(
  outdir: string,
  { sourceMap }: { readonly sourceMap: 'linked' | 'none' } = { sourceMap: 'linked' },
): Promise<Bundled> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: programs,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: sourceMap === 'linked' ? 'linked' : false,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    legalComments: 'none',
    metafile: true,
    plugins: [...leanPlugins, manifestsInside],
    // What is CommonJS inside goes on to call require.
    banner: {
      js: "import{createRequire as heddleRequire}from'node:module';const require=heddleRequire(import.meta.url);",
    },
  });
  await copyKoffi(path.join(outdir, 'koffi'));
  const sizes = Object.entries(metafile.outputs)
    .filter(([file]) => file.endsWith('.mjs'))
    .map(([file, { bytes }]) => [path.basename(file), bytes] as const);
  const packages = Object.keys(metafile.inputs).map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return { sizes, packages: packages.filter((name) => name !== undefined) };
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
