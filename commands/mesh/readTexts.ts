import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { readFolder } from '../../agent/files/readFolder.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { CannotLook } from '../cannotLook.ts';

/** What stands in files and in the files of folders, by name; `-` is standard input. Throws CannotLook. */
export async function readTexts(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const name of names) for (const [file, text] of await readOne(name)) texts.set(file, text);
  return texts;
}

async function readOne(name: string): Promise<readonly (readonly [string, string])[]> {
  if (name === '-') return [['standard input', await readAll(process.stdin)]];
  const cannotRead = (error: unknown): never => {
    throw new CannotLook(`${name} cannot be read (${reasonOf(error)}); name a file or folder that there is`);
  };
  const stats = await stat(name).catch(cannotRead);
  if (!stats.isDirectory()) return [[name, await readFile(name, 'utf8').catch(cannotRead)]];
  const files = [...(await readFolder(name))];
  if (files.length === 0)
    throw new CannotLook(`${name} has no .yaml, .yml or .json file; name the folder that has them`);
  return files.map(([file, read]) => {
    if (!read.ok) throw new CannotLook(`${path.join(name, file)} ${read.message}`);
    return [path.join(name, file), read.text];
  });
}
