import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { cached, exists } from './cache.ts';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * The folder of a package that package-lock.json names, also of one for another processor, which npm did not install:
 * that is downloaded, and must be what the lock says. Throws an error that says what to do.
 */
export async function npmPackage(name: string): Promise<string> {
  const installed = path.join(root, 'node_modules', name);
  if (await exists(path.join(installed, 'package.json'))) return installed;
  const { version, integrity } = await locked(name);
  const folder = await cached(name.replaceAll('/', '+'), { version, integrity }, async (scratch) => {
    const packed = await execa({ cwd: scratch })`npm pack ${name}@${version} --silent`;
    const archive = path.join(scratch, packed.stdout.trim());
    const digest = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (`sha512-${digest}` !== integrity) {
      throw new Error(`${name}@${version} is not what package-lock.json says: the registry served something else`);
    }
    await mkdir(path.join(scratch, 'package'));
    await execa`tar -xzf ${archive} -C ${path.join(scratch, 'package')} --strip-components=1`;
    await rm(archive);
  });
  return path.join(folder, 'package');
}

async function locked(name: string): Promise<{ version: string; integrity: string }> {
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
  };
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version !== undefined && integrity !== undefined) return { version, integrity };
  throw new Error(`${name} is not in package-lock.json with a version and an integrity: run npm install`);
}
