import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** Nobody writes configuration of this size by hand; a file beyond it is most likely no configuration. */
const maximumFileBytes = 8 * 1024 * 1024;

export type ReadFile = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/**
 * The texts of the .yaml, .yml and .json files of a folder, by file name; symbolic links are followed, names that start
 * with a dot are left out. Rejects when the folder itself cannot be read.
 */
export async function readFolder(folder: string): Promise<ReadonlyMap<string, ReadFile>> {
  const files = new Map<string, ReadFile>();
  for (const name of await listFiles(folder)) {
    const read = await readOne(path.join(folder, name));
    if (read !== undefined) files.set(name, read);
  }
  return files;
}

/** A text that differs when a file of the folder was changed, added or removed; cheaper than reading them all. */
export async function folderSignature(folder: string): Promise<string> {
  const names = await listFiles(folder).catch(() => undefined);
  if (names === undefined) return 'unreadable';
  const parts = await Promise.all(
    names.map(async (name) => {
      const stats = await stat(path.join(folder, name), { bigint: true }).catch(() => undefined);
      return `${name}:${stats ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}` : 'gone'}`;
    }),
  );
  return parts.join('\n');
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /\.(?:ya?ml|json)$/i.test(name) && !name.startsWith('.')).sort();
}

/** undefined: the file went away between listing and reading, or is a folder. */
async function readOne(file: string): Promise<ReadFile | undefined> {
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) return undefined;
    if (!stats.isFile()) return { ok: false, message: 'is not a regular file; remove it from the folder' };
    if (stats.size > maximumFileBytes) {
      return { ok: false, message: `is larger than ${maximumFileBytes / 1024 / 1024} MiB; split it` };
    }
    return { ok: true, text: await readFile(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' ? undefined : { ok: false, message: `cannot be read (${code}); check its permissions` };
  }
}
