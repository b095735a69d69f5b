import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where what was downloaded is kept: $XDG_CACHE_HOME/heddle-build, or ~/.cache/heddle-build. */
function cacheFolder(): string {
  const configured = process.env['XDG_CACHE_HOME'] ?? '';
  return path.join(configured === '' ? path.join(homedir(), '.cache') : configured, 'heddle-build');
}

/**
 * The folder that `fill` once filled for this recipe. It appears under its name only when it is complete, so that
 * an interrupted build leaves nothing behind that looks finished. Rejects with what `fill` rejects with.
 */
export async function cached(name: string, recipe: unknown, fill: (folder: string) => Promise<void>): Promise<string> {
  const target = cachedFolder(name, recipe);
  if (await exists(target)) return target;
  await mkdir(cacheFolder(), { recursive: true });
  const scratch = await mkdtemp(path.join(cacheFolder(), '.making-'));
  try {
    await fill(scratch);
    await rename(scratch, target);
  } catch (error) {
    // Another build was faster: its folder holds the same.
    if (!(await exists(target))) throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return target;
}

/** Where `cached` keeps what this recipe gives. */
export function cachedFolder(name: string, recipe: unknown): string {
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  return path.join(cacheFolder(), `${name}-${key}`);
}

/** Whether something is there. */
export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
