import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Architecture } from './architecture.ts';
import { exists } from './cache.ts';
import { readBinary } from './elf.ts';
import { filesBelow } from './filesBelow.ts';

/**
 * What would keep the programs and libraries of an image from being loaded: one that is for another processor, or needs
 * a library that no layer has. No processor of the image's kind is needed to tell.
 */
export async function binaryProblems(layers: readonly string[], architecture: Architecture): Promise<string[]> {
  const problems: string[] = [];
  const libraries = path.join('usr/lib', architecture.triple);
  const present = async (name: string) => {
    const found = await Promise.all(layers.map((layer) => exists(path.join(layer, libraries, name))));
    return found.includes(true);
  };
  for (const layer of layers) {
    for (const file of await filesBelow(layer)) {
      const binary = readBinary(await readFile(path.join(layer, file)));
      if (binary === undefined) continue;
      if (binary.machine !== architecture.machine) {
        problems.push(`/${file} is for processor ${binary.machine} of elf(5), not for ${architecture.name}`);
      }
      const loader = binary.interpreter === undefined ? [] : [path.basename(binary.interpreter)];
      for (const name of [...loader, ...binary.needed]) {
        if (!(await present(name)))
          problems.push(`/${file} needs /${libraries}/${name}: add it to build/image/contents.ts`);
      }
    }
  }
  return problems;
}
