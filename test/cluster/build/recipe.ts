import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../names.ts';
import { say, seconds } from '../process/progress.ts';
import { run } from '../process/run.ts';

/** How something is built: files that are written first, then commands in that folder, which put outputs into `$OUT`. */
export type Recipe = {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly commands: readonly (readonly string[])[];
  readonly env?: Readonly<Record<string, string>>;
  /** Environment that says where things stand on this machine: the same result wherever that is. */
  readonly places?: Readonly<Record<string, string>>;
  /** Anything else the result depends on, such as the hash of a folder. */
  readonly inputs?: readonly string[];
};

const obtained = new Map<string, Promise<string>>();

/** The folder with what the recipe builds; built if it is not in the cache. Throws with the last lines of the build's log. */
export function obtain(recipe: Recipe): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([{ ...recipe, places: undefined }, process.arch]))
    .digest('hex')
    .slice(0, 16);
  const folder = obtained.get(key) ?? findOrBuild(recipe, join(cacheFolder, `${recipe.name}-${key}`));
  obtained.set(key, folder);
  return folder;
}

async function findOrBuild(recipe: Recipe, target: string): Promise<string> {
  if (existsSync(target)) {
    say(recipe.name, 'cached');
    return target;
  }
  const startedAt = performance.now();
  say(recipe.name, 'building…');
  await mkdir(cacheFolder, { recursive: true });
  await removeAbandoned(recipe.name);
  // What is half built has another name, so it can never be taken for complete.
  const work = await mkdtemp(join(cacheFolder, `.building-${recipe.name}-${process.pid}-`));
  try {
    await build(recipe, work);
    await rename(join(work, 'out'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await run(['rm', '-rf', '--one-file-system', work]);
  }
  say(recipe.name, `built after ${seconds(startedAt)}`);
  return target;
}

async function build(recipe: Recipe, work: string): Promise<void> {
  const out = join(work, 'out');
  const source = join(work, 'source');
  await mkdir(out);
  await mkdir(source);
  for (const [name, content] of Object.entries(recipe.files ?? {})) await writeFile(join(source, name), content);
  const log = join(cacheFolder, `build-${recipe.name}.log`);
  await rm(log, { force: true });
  for (const command of recipe.commands) {
    await run(command, { cwd: source, env: { OUT: out, ...recipe.env, ...recipe.places }, log });
  }
}

/** Folders of builds whose process is gone. */
async function removeAbandoned(name: string): Promise<void> {
  for (const entry of await readdir(cacheFolder)) {
    const [, of, pid] = /^\.building-(.+)-(\d+)-[^-]+$/.exec(entry) ?? [];
    if (of === name && !existsSync(`/proc/${pid}`)) await rm(join(cacheFolder, entry), { recursive: true });
  }
}
