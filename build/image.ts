import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import manifest from '../package.json' with { type: 'json' };
import { reasonOf } from '../runtime/reason.ts';
import { writeArchive } from './image/archive.ts';
import { type Architecture, architectures, ownArchitecture } from './image/architecture.ts';
import { binaryProblems } from './image/binaries.ts';
import { baseLayer } from './image/baseLayer.ts';
import { codeLayer } from './image/codeLayer.ts';
import { imageConfig } from './image/config.ts';
import { sizesByKind } from './image/sizes.ts';

const root = path.resolve(import.meta.dirname, '..');

// `npm run image` writes dist/image/heddle-<version>-<arch>.tar; `-- --arch arm64` for the other processor,
// `--fresh` with today's Debian packages, `--root <folder>` only the files, in one folder for each layer.
const { values } = parseArgs({
  options: { arch: { type: 'string' }, root: { type: 'string' }, fresh: { type: 'boolean', default: false } },
});
const scratch = await mkdtemp(path.join(tmpdir(), 'heddle-image-'));
try {
  const architecture = chosenArchitecture(values.arch);
  const base = await baseLayer(architecture, { refresh: values.fresh ? 'now' : 'never' });
  await codeLayer(scratch, architecture);
  const problems = await binaryProblems([base, scratch], architecture);
  if (problems.length > 0) throw new Error(problems.join('\nimage: '));
  if (values.root === undefined) await writeImage(architecture, [base, scratch]);
  else await writeFolders(path.resolve(values.root), { base, heddle: scratch });
} catch (error) {
  console.error(`image: ${reasonOf(error)}`);
  process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true });
}

function chosenArchitecture(name: string | undefined): Architecture {
  if (name === undefined) return ownArchitecture();
  if (name === 'amd64' || name === 'arm64') return architectures[name];
  throw new Error(`--arch ${name}: give amd64 or arm64`);
}

async function writeImage(architecture: Architecture, layers: readonly string[]): Promise<void> {
  const { version } = manifest;
  const name = `heddle:${version}`;
  const target = path.join(root, 'dist/image', `heddle-${version}-${architecture.name}.tar`);
  const config = imageConfig({ version, revision: await revision() });
  const created = new Date(Number(process.env['SOURCE_DATE_EPOCH'] ?? 0) * 1000).toISOString();
  const { id, bytes } = await writeArchive({ name, architecture: architecture.name, created, config, layers }, target);
  for (const [kind, size] of await sizesByKind(layers)) console.log(`${kind.padEnd(36)}${megabytes(size)}`);
  console.log(`${'all layers, uncompressed'.padEnd(36)}${megabytes(bytes)}`);
  console.log(`${name} (${architecture.name}) ${id}\n${path.relative(process.cwd(), target)}`);
}

async function writeFolders(target: string, layers: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const [name, folder] of Object.entries(layers)) {
    const copy = path.join(target, name);
    await cp(folder, copy, { recursive: true, verbatimSymlinks: true });
    // Made as a private folder; a copy to an image's root may take this mode along.
    await chmod(copy, 0o755);
  }
}

/** The commit that is built, for the image's label. */
async function revision(): Promise<string> {
  const given = process.env['HEDDLE_REVISION'] ?? '';
  if (given !== '') return given;
  const head = await execa({ cwd: root, reject: false })`git rev-parse HEAD`;
  return head.failed ? 'unknown' : head.stdout.trim();
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2).padStart(8)} MB`;
}
