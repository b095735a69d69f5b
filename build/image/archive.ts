import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ImageConfig } from './config.ts';
import { runTool } from './tools.ts';

/** A whole image: its name, how containers of it start, and the folders that are laid over each other. */
export type Image = {
  readonly name: string;
  readonly architecture: string;
  readonly created: string;
  readonly config: ImageConfig;
  readonly layers: readonly string[];
};

/**
 * Writes the image as a docker-archive, which `docker load`, `ctr images import` and skopeo read. Equal folders give
 * equal bytes. Gives the image's id (the digest of its configuration) and the size of its layers in bytes.
 */
export async function writeArchive(image: Image, target: string): Promise<{ id: string; bytes: number }> {
  await mkdir(path.dirname(target), { recursive: true });
  const scratch = await mkdtemp(`${target}.making-`);
  try {
    const layers: { readonly digest: string; readonly bytes: number }[] = [];
    for (const folder of image.layers) layers.push(await writeLayer(folder, scratch));
    const config = JSON.stringify({
      architecture: image.architecture,
      os: 'linux',
      created: image.created,
      config: image.config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
      history: layers.map(() => ({ created: image.created, created_by: 'heddle build/image.ts' })),
    });
    const id = createHash('sha256').update(config).digest('hex');
    await writeFile(path.join(scratch, `${id}.json`), config);
    const manifest = {
      Config: `${id}.json`,
      RepoTags: [image.name],
      Layers: layers.map(({ digest }) => `${digest}.tar`),
    };
    await writeFile(path.join(scratch, 'manifest.json'), JSON.stringify([manifest]));
    const archive = path.join(scratch, 'archive');
    await pack(scratch, archive);
    await rename(archive, target);
    return { id: `sha256:${id}`, bytes: layers.reduce((sum, { bytes }) => sum + bytes, 0) };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function writeLayer(folder: string, scratch: string): Promise<{ digest: string; bytes: number }> {
  const file = path.join(scratch, 'layer');
  await pack(folder, file);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const digest = hash.digest('hex');
  await rename(file, path.join(scratch, `${digest}.tar`));
  return { digest, bytes: (await stat(path.join(scratch, `${digest}.tar`))).size };
}

/** A tar without anything of the machine or the hour it was made. */
async function pack(folder: string, file: string): Promise<void> {
  const neutral = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  const entries = (await readdir(folder)).sort();
  await runTool('tar', ['-cf', file, ...neutral, '--mode=u+rwX,go+rX,go-w', '-C', folder, ...entries]);
}
