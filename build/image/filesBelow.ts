import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** The regular files of a folder by their path in it; unlike a recursive readdir this does not follow links to folders. */
export async function filesBelow(folder: string, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(path.join(folder, prefix), { withFileTypes: true })) {
    const file = path.join(prefix, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, file)));
    else if (entry.isFile()) found.push(file);
  }
  return found;
}
