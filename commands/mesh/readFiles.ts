import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { type FileProblem, parseFile } from '../../agent/files/parse.ts';
import { readFolder } from '../../agent/files/readFolder.ts';
import { servedObjects, settleFiles } from '../../agent/files/settle.ts';
import type { KubernetesObject } from '../../agent/objects/types.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { CannotLook } from '../cannotLook.ts';

/**
 * The objects of files and folders, as an agent reads a folder; `-` is standard input. Objects that name no namespace are in
 * `namespace`. Throws CannotLook with every problem of every file: with one of them unread, all else may be wrong.
 */
export async function readFiles(
  names: readonly string[],
  namespace: string | undefined,
): Promise<readonly KubernetesObject[]> {
  const texts = new Map<string, string>();
  for (const name of names) for (const [file, text] of await readOne(name)) texts.set(file, text);
  const parsed = new Map([...texts].map(([file, text]) => [file, { parsed: parseFile(text, namespace), good: [] }]));
  const settled = settleFiles(parsed);
  const problems = [...settled].flatMap(([file, one]) => one.problems.map((problem) => printProblem(file, problem)));
  if (problems.length > 0) throw new CannotLook(problems.join('\n'));
  return [...servedObjects(settled).values()];
}

async function readOne(name: string): Promise<readonly (readonly [string, string])[]> {
  if (name === '-') return [['standard input', await readAll(process.stdin)]];
  const stats = await stat(name).catch((error: unknown) => {
    throw new CannotLook(`${name} cannot be read (${reasonOf(error)}); name a file or folder that there is`);
  });
  if (!stats.isDirectory()) return [[name, await readFile(name, 'utf8')]];
  const files = [...(await readFolder(name))];
  if (files.length === 0)
    throw new CannotLook(`${name} has no .yaml, .yml or .json file; name the folder that has them`);
  return files.map(([file, read]) => {
    if (!read.ok) throw new CannotLook(`${path.join(name, file)} ${read.message}`);
    return [path.join(name, file), read.text];
  });
}

function printProblem(file: string, { line, message }: FileProblem): string {
  return line > 0 ? `${file}:${line}: ${message}` : `${file}: ${message}`;
}
